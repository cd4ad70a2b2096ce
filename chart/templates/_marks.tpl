{{/* What the coordinator's flags let it write on Nodes besides its own annotations, as a JSON object. */}}
{{- define "kured.marks" -}}
{{- $annotations := list "kured.dev/maintenance" "kured.dev/verdict" -}}
{{- $labels := list -}}
{{- $taint := "" -}}
{{- range (include "kured.arguments" (dict "root" . "command" "coordinator") | fromJsonArray) -}}
{{- $parts := splitn "=" 2 . -}}
{{- $value := $parts._1 | default "" -}}
{{- if and (eq $parts._0 "--annotate-nodes") (not (has $value (list "false" "False" "FALSE" "f" "F" "0"))) -}}
{{- $annotations = concat $annotations (list "weave.works/kured-most-recent-reboot-needed" "weave.works/kured-reboot-in-progress") -}}
{{- else if eq $parts._0 "--prefer-no-schedule-taint" -}}
{{- $taint = $value -}}
{{- else if has $parts._0 (list "--pre-reboot-node-labels" "--post-reboot-node-labels") -}}
{{- range splitList "," $value -}}
{{- $label := splitn "=" 2 (trimAll "\" " .) -}}
{{- if $label._0 -}}{{- $labels = append $labels $label._0 -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "annotations" (uniq $annotations) "labels" (uniq $labels) "taint" $taint | toJson -}}
{{- end -}}

{{/* What the coordinator is told for one option, wherever it was given: dict "root" $ "flag" … "default" …. */}}
{{- define "kured.told" -}}
{{- $told := .default -}}
{{- $prefix := printf "--%s=" .flag -}}
{{- range (include "kured.arguments" (dict "root" .root "command" "coordinator") | fromJsonArray) -}}
{{- if hasPrefix $prefix . -}}{{- $told = trimPrefix $prefix . -}}{{- end -}}
{{- end -}}
{{- $told -}}
{{- end -}}

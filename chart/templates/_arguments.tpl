{{/* A value as kured reads it. Numbers of a values file are floats, and print with an exponent from a million on. */}}
{{- define "kured.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . -}}{{ printf "%.0f" . }}{{- else -}}{{ printf "%v" . }}{{- end -}}
{{- else -}}{{ toString . }}
{{- end -}}
{{- end -}}

{{- define "kured.rebootSentinel" -}}
{{- (.Values.configuration | default dict).rebootSentinel | default "/var/run/reboot-required" -}}
{{- end -}}

{{/* "true" if the folder of the sentinel is mounted; chart 5.4.0 had the switch at the top. */}}
{{- define "kured.mountsSentinel" -}}
{{- $given := get (.Values.configuration | default dict) "useRebootSentinelHostPath" -}}
{{- $older := get .Values "useRebootSentinelHostPath" -}}
{{- if not (or (eq (toString $given) "false") (eq (toString $older) "false")) -}}true{{- end -}}
{{- end -}}

{{/* What was given for one option, as a JSON list of texts; empty where the flag is to be left out: dict "root" $ "option" … */}}
{{- define "kured.given" -}}
{{- $configuration := .root.Values.configuration | default dict -}}
{{- $value := get $configuration .option.value -}}
{{- if eq .option.flag "lock-ttl" -}}{{- $value = $value | default (get $configuration "annotationTtl") -}}{{- end -}}
{{- if and (eq .option.flag "lease-name") (not (hasKey (.root.Values.extraArgs | default dict) "lease-name")) -}}
{{- /* Two releases in one namespace must not choose one leader between them; kured's own default is left out. */ -}}
{{- $name := include "kured.fullname" .root -}}
{{- $value = $value | default (ternary "" $name (eq $name "kured")) -}}
{{- end -}}
{{- if hasPrefix "slack-" .option.flag -}}{{- $value = tpl (include "kured.text" ($value | default "")) .root -}}{{- end -}}
{{- $texts := list -}}
{{- if eq .option.flag "reboot-sentinel" -}}
{{- $path := include "kured.rebootSentinel" .root -}}
{{- if include "kured.mountsSentinel" .root -}}{{- $path = printf "/sentinel/%s" (base $path) -}}{{- end -}}
{{- $texts = list $path -}}
{{- else if kindIs "slice" $value -}}
{{- range $value -}}{{- $texts = append $texts (include "kured.text" .) -}}{{- end -}}
{{- else if and $value (not (and (eq .option.type "bool") (eq (toString $value) "false"))) -}}
{{- $texts = list (include "kured.text" $value) -}}
{{- end -}}
{{- toJson $texts -}}
{{- end -}}

{{/* The arguments of one part, as a JSON list: dict "root" $ "command" "classic", "agent" or "coordinator". */}}
{{- define "kured.arguments" -}}
{{- $root := .root -}}
{{- $command := .command -}}
{{- $arguments := list (printf "--ds-name=%s" (include "kured.fullname" $root)) (printf "--ds-namespace=%s" $root.Release.Namespace) -}}
{{- $options := $root.Files.Get "options.json" | fromJsonArray -}}
{{- range $option := $options -}}
{{- if and $option.value (has $command $option.commands) -}}
{{- range (include "kured.given" (dict "root" $root "option" $option) | fromJsonArray) -}}
{{- if eq $option.flag "force-reboot" -}}
{{- $arguments = append $arguments "--force-reboot" -}}
{{- else -}}
{{- $arguments = append $arguments (printf "--%s=%s" $option.flag .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $flag, $value := $root.Values.extraArgs | default dict -}}
{{- $known := dict "commands" (list $command) "type" "string" -}}
{{- range $options -}}{{- if eq .flag (ternary "lock-ttl" $flag (eq $flag "annotation-ttl")) -}}{{- $known = . -}}{{- end -}}{{- end -}}
{{- if has $command $known.commands -}}
{{- $texts := ternary $value (list $value) (kindIs "slice" $value) -}}
{{- range $texts -}}
{{- if and (eq $known.type "bool") (or (kindIs "invalid" .) (eq (toString .) "")) -}}
{{- $arguments = append $arguments (printf "--%s" $flag) -}}
{{- else if kindIs "invalid" . -}}
{{- $arguments = append $arguments (printf "--%s=" $flag) -}}
{{- else -}}
{{- $arguments = append $arguments (printf "--%s=%s" $flag (include "kured.text" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $arguments -}}
{{- end -}}

{{/* Not empty if something is to wait until the owners of pods have their replicas again. */}}
{{- define "kured.countsReplicas" -}}
{{- range include "kured.arguments" (dict "root" . "command" "coordinator") | fromJsonArray -}}
{{- if regexMatch "^--ready-elsewhere=(reboot|next)$" . -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Not empty if a pod that could run nowhere else keeps its node from being drained: its volumes may tie it down. */}}
{{- define "kured.looksAtBoundVolumes" -}}
{{- if has "--drain-feasibility=strict" (include "kured.arguments" (dict "root" . "command" "coordinator") | fromJsonArray) -}}true{{- end -}}
{{- end -}}

{{/* Not empty if a drain is to wait for volumes to be detached. */}}
{{- define "kured.looksAtVolumes" -}}
{{- range include "kured.arguments" (dict "root" . "command" "coordinator") | fromJsonArray -}}
{{- if regexMatch "^--volume-detach-timeout=.*[1-9]" . -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{/* Not empty if a drain may come to delete pods, for which no budget is asked. */}}
{{- define "kured.deletesPods" -}}
{{- range include "kured.arguments" (dict "root" . "command" "coordinator") | fromJsonArray -}}
{{- if or (eq . "--drain-timeout-action=delete") (regexMatch "^--drain-hard-end=.*[1-9]" .) -}}true{{- end -}}
{{- end -}}
{{- end -}}

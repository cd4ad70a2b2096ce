{{/* Why this server cannot hold agents to their own Node, as the end of a sentence; empty if it can. */}}
{{- define "kured.cannotConfine" -}}
{{- if semverCompare "<1.30-0" .Capabilities.KubeVersion.Version -}}
this is {{ .Capabilities.KubeVersion.Version }}: older servers than 1.30 do not tell an admission policy which node a token belongs to
{{- end -}}
{{- end -}}

{{/* The image, if its tag says that it is a kured of before 2.0: values are kept for years, and some have a tag in them. */}}
{{- define "kured.formerImage" -}}
{{- if regexMatch "^v?1\\." (include "kured.text" ((.Values.image | default dict).tag | default "")) -}}{{ include "kured.image" . }}{{- end -}}
{{- end -}}

{{/* Looks the DaemonSet of this name up, once, and keeps it in the values; empty if there is none, or no server to ask. */}}
{{- define "kured.lookUp" -}}
{{- if not (hasKey .Values "foundDaemonSet") -}}
{{- $_ := set .Values "foundDaemonSet" (lookup "apps/v1" "DaemonSet" .Release.Namespace (include "kured.fullname" .) | default dict) -}}
{{- end -}}
{{- end -}}

{{/* What it runs: "classic" or "coordinated". */}}
{{- define "kured.running" -}}
{{- include "kured.lookUp" . -}}
{{- with .Values.foundDaemonSet -}}
{{- $container := first .spec.template.spec.containers -}}
{{- $words := concat ($container.command | default list) ($container.args | default list) -}}
{{- if has "agent" $words -}}coordinated{{- else -}}classic{{- end -}}
{{- end -}}
{{- end -}}

{{/*
The mode and, where nobody gave it, why it is this one, as a JSON object: docs/decisions/0008. Kept in the values, too.
*/}}
{{- define "kured.choice" -}}
{{- if not (hasKey .Values "choiceOfMode") -}}
{{- $mode := .Values.mode | default "auto" -}}
{{- $because := "" -}}
{{- if eq $mode "auto" -}}
{{- $cannot := include "kured.cannotConfine" . -}}
{{- $create := dict "rbac" .Values.rbac "serviceAccount" .Values.serviceAccount -}}
{{- range $name := list "rbac" "serviceAccount" -}}
{{- if eq (toString (get $create $name | default dict).create) "false" -}}
{{- $because = printf "%s.create is false, and rights of your own are those of a classic kured" $name -}}
{{- end -}}
{{- end -}}
{{- if include "kured.formerImage" . -}}
{{- $because = printf "%s is a kured of before 2.0, which has no other mode" (include "kured.formerImage" .) -}}
{{- end -}}
{{- if $cannot -}}
{{- $because = $cannot -}}
{{- else if and (not $because) (eq (include "kured.running" .) "classic") -}}
{{- $because = "that is what runs here already, and an upgrade does not change it by itself" -}}
{{- end -}}
{{- $mode = ternary "classic" "coordinated" (ne $because "") -}}
{{- end -}}
{{- $_ := set .Values "choiceOfMode" (dict "mode" $mode "because" $because) -}}
{{- end -}}
{{- toJson .Values.choiceOfMode -}}
{{- end -}}

{{- define "kured.mode" -}}
{{- (include "kured.choice" . | fromJson).mode -}}
{{- end -}}

{{/*
"true" while pods of a classic kured may still run beside a coordinated one: they keep their account and their rights
until an upgrade finds them gone.
*/}}
{{- define "kured.leavesClassic" -}}
{{- if eq (include "kured.mode" .) "coordinated" -}}
{{- if eq (include "kured.running" .) "classic" -}}true
{{- else if lookup "v1" "ServiceAccount" .Release.Namespace (include "kured.accounts" .) -}}
{{- $daemonSet := .Values.foundDaemonSet -}}
{{- $status := $daemonSet.status | default dict -}}
{{- $isOld := lt (int $status.observedGeneration) (int ($daemonSet.metadata | default dict).generation) -}}
{{- if or $isOld (lt (int $status.updatedNumberScheduled) (int $status.desiredNumberScheduled)) -}}true{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

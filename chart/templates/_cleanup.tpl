{{/* "true" where helm uninstall may start a Job of ours: it needs an account and rights of its own, and a kured that knows the command. */}}
{{- define "kured.cleansUp" -}}
{{- $wanted := ne (toString (.Values.cleanup | default dict).enabled) "false" -}}
{{- if and $wanted (.Values.rbac | default dict).create (.Values.serviceAccount | default dict).create (not (include "kured.formerImage" .)) -}}true{{- end -}}
{{- end -}}

{{/* The annotations of what exists only after everything else was deleted; . is its place in the order, lowest first. */}}
{{- define "kured.afterwards" -}}
annotations:
  helm.sh/hook: post-delete
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

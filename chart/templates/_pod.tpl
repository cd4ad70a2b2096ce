{{/* Secrets by reference, and what people add: dict "root" $ "command" …, as list items of env. */}}
{{- define "kured.environment" -}}
{{- $configuration := .root.Values.configuration | default dict -}}
{{- if ne .command "agent" -}}
{{- range $name, $variable := dict "notifyUrl" "KURED_NOTIFY_URL" "slackHookUrl" "KURED_SLACK_HOOK_URL" -}}
{{- with get $configuration (printf "%sSecret" $name) -}}
{{- if .name }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ .name | quote }}
      key: {{ .key | default $name | quote }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .root.Values.extraEnvVars }}
{{ toYaml . }}
{{- end -}}
{{- end -}}

{{/* By the reboot method, unless it is given; what is given completes chart 6.1.0's default, as it always did. */}}
{{- define "kured.securityContext" -}}
{{- $given := .Values.containerSecurityContext | default dict -}}
{{- $context := dict "privileged" true "readOnlyRootFilesystem" true -}}
{{- if and (not $given) (eq (toString (.Values.configuration | default dict).rebootMethod) "signal") -}}
{{- $capabilities := dict "add" (list "KILL") "drop" (list "ALL") -}}
{{- $context = dict "privileged" false "readOnlyRootFilesystem" true "allowPrivilegeEscalation" false "capabilities" $capabilities "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- end -}}
{{- range $key, $value := $given -}}
{{- if kindIs "invalid" $value -}}{{- $_ := unset $context $key -}}{{- else -}}{{- $_ := set $context $key $value -}}{{- end -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- define "kured.metricsPort" -}}
{{- include "kured.text" ((.Values.configuration | default dict).metricsPort | default 8080) -}}
{{- end -}}

{{/* A probe as it is given; what chart 6.1.0 had for both, coordinated agents have better: dict "given" … "coordinated" … "path" … "seconds" …. */}}
{{- define "kured.probe" -}}
{{- $usual := dict "path" "/metrics" "port" "metrics" "scheme" "HTTP" -}}
{{- $given := .given | default dict -}}
{{- $numbers := omit $given "httpGet" | toJson -}}
{{- $isUsual := and (eq (toJson $given.httpGet) (toJson $usual)) (eq $numbers `{"failureThreshold":5,"initialDelaySeconds":10,"periodSeconds":30,"successThreshold":1,"timeoutSeconds":5}`) -}}
{{- if and .coordinated $isUsual -}}
httpGet: { path: {{ .path }}, port: metrics }
periodSeconds: {{ .seconds }}
timeoutSeconds: 5
{{- else if $given -}}
{{- toYaml $given -}}
{{- end -}}
{{- end -}}

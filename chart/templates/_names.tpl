{{- define "kured.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "kured.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Values of a release that was made with an older chart and is upgraded with --reuse-values do not have our own keys. */}}
{{- define "kured.layout" -}}
{{- $layout := .Values.layout | default "auto" -}}
{{- if eq $layout "auto" -}}
{{- include "kured.lookUp" . -}}
{{- $selector := ((.Values.foundDaemonSet.spec | default dict).selector | default dict).matchLabels | default dict -}}
{{- if and (hasKey $selector "app") (hasKey $selector "release") -}}chart-2
{{- else if hasKey $selector "name" -}}manifest
{{- else -}}chart
{{- end -}}
{{- else -}}{{ $layout }}
{{- end -}}
{{- end -}}

{{- define "kured.accounts" -}}
{{- $account := .Values.serviceAccount | default dict -}}
{{- if $account.name -}}{{ $account.name }}
{{- else if or $account.create (eq (include "kured.mode" .) "coordinated") -}}{{ include "kured.fullname" . }}
{{- else -}}default
{{- end -}}
{{- end -}}

{{/* The account that a part runs under: dict "root" $ "command" "classic", "agent" or "coordinator". */}}
{{- define "kured.account" -}}
{{- $base := include "kured.accounts" .root -}}
{{- if eq .command "classic" -}}{{ $base }}{{- else -}}{{ printf "%s-%s" $base .command }}{{- end -}}
{{- end -}}

{{- define "kured.image" -}}
{{- $image := .Values.image | default dict -}}
{{- printf "%s:%s" (default "ghcr.io/kubereboot/kured" $image.repository) (include "kured.text" (default .Chart.AppVersion $image.tag)) -}}
{{- end -}}

{{/* What never changes in the life of a release, because a selector cannot: dict "root" $ "suffix" "" or "-coordinator". */}}
{{- define "kured.selectorLabels" -}}
{{- if eq (include "kured.layout" .root) "manifest" -}}
name: {{ printf "%s%s" (include "kured.fullname" .root) .suffix | toYaml }}
{{- else if eq (include "kured.layout" .root) "chart-2" -}}
app: {{ printf "%s%s" (include "kured.name" .root) .suffix | toYaml }}
release: {{ toYaml .root.Release.Name }}
{{- else -}}
app.kubernetes.io/name: {{ printf "%s%s" (include "kured.name" .root) .suffix | toYaml }}
app.kubernetes.io/instance: {{ toYaml .root.Release.Name }}
{{- end -}}
{{- end -}}

{{- define "kured.labels" -}}
{{- if eq (include "kured.layout" .root) "chart-2" -}}
app: {{ printf "%s%s" (include "kured.name" .root) .suffix | toYaml }}
chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
release: {{ toYaml .root.Release.Name }}
heritage: {{ .root.Release.Service }}
{{- else if ne (include "kured.layout" .root) "manifest" -}}
app.kubernetes.io/name: {{ printf "%s%s" (include "kured.name" .root) .suffix | toYaml }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
app.kubernetes.io/instance: {{ toYaml .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}
{{- end -}}

{{/*
The metadata of an object: dict "root" $ "name" …, "namespace" "" for those without, "suffix" as in the labels, and
perhaps "labels" for more of them.
*/}}
{{- define "kured.metadata" -}}
name: {{ toYaml .name }}
{{- if .namespace }}
namespace: {{ toYaml .namespace }}
{{- end }}
{{- $more := .labels | default dict }}
{{- with include "kured.labels" (dict "root" .root "suffix" (.suffix | default "")) }}
labels:
  {{- range $key, $value := . | fromYaml }}
  {{- if not (hasKey $more $key) }}
  {{ $key }}: {{ toYaml $value }}
  {{- end }}
  {{- end }}
{{- else }}
{{- if $more }}
labels:
{{- end }}
{{- end }}
{{- range $key, $value := $more }}
  {{ $key }}: {{ include "kured.text" $value | quote }}
{{- end }}
{{- end -}}

{{/* The flags that tell kured's own commands which installation is meant, where it is not kube-system/kured. */}}
{{- define "kured.whichInstallation" -}}
{{- $name := include "kured.fullname" . -}}
{{- if ne .Release.Namespace "kube-system" }} --ds-namespace={{ .Release.Namespace }}{{ end -}}
{{- if ne $name "kured" }} --ds-name={{ $name }}{{ end -}}
{{- $annotation := include "kured.told" (dict "root" . "flag" "lock-annotation" "default" "") -}}
{{- if $annotation }} --lock-annotation={{ $annotation }}{{ end -}}
{{- if eq (include "kured.mode" .) "coordinated" -}}
{{- $lease := include "kured.told" (dict "root" . "flag" "lease-name" "default" "kured") -}}
{{- if ne $lease "kured" }} --lease-name={{ $lease }}{{ end -}}
{{- end -}}
{{- end -}}

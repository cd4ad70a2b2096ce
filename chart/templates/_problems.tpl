{{/* What is wrong with the values, all at once and in sentences, as a JSON list. */}}
{{- define "kured.problems" -}}
{{- $root := . -}}
{{- $configuration := .Values.configuration | default dict -}}
{{- $mode := include "kured.mode" . -}}
{{- $problems := list -}}
{{- $options := .Files.Get "options.json" | fromJsonArray -}}
{{- $known := list "annotation-ttl" -}}
{{- range $option := $options -}}
{{- $known = append $known .flag -}}
{{- if .value -}}
{{- $name := printf "configuration.%s" .value -}}
{{- $value := get $configuration .value -}}
{{- if and (not (kindIs "invalid" $value)) (eq .type "duration") -}}
{{- $text := include "kured.text" $value -}}
{{- if and $text (not (regexMatch "^[-+]?(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$" $text)) -}}
{{- $problems = append $problems (printf "%s is %q, but a duration is a number with a unit, such as 90s, 30m or 1h30m." $name $text) -}}
{{- end -}}
{{- end -}}
{{- if and $value (not (has "classic" .commands)) (eq $mode "classic") -}}
{{- $problems = append $problems (printf "%s has a meaning only with mode: coordinated; remove it, or change the mode." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $annotationTtl := include "kured.text" ($configuration.annotationTtl | default "") -}}
{{- $lockTtl := include "kured.text" ($configuration.lockTtl | default "") -}}
{{- if and $annotationTtl (not (regexMatch "^[0-9.]+[a-zµμ]+" $annotationTtl)) -}}
{{- $problems = append $problems (printf "configuration.annotationTtl is %q, but a duration is a number with a unit, such as 30m." $annotationTtl) -}}
{{- end -}}
{{- if and $annotationTtl $lockTtl (ne $annotationTtl $lockTtl) -}}
{{- $problems = append $problems (printf "configuration.annotationTtl (%s) is the old name of configuration.lockTtl (%s): remove it." $annotationTtl $lockTtl) -}}
{{- end -}}
{{- range $name := list "startTime" "endTime" -}}
{{- $text := include "kured.text" (get $configuration $name | default "") -}}
{{- if and $text (not (regexMatch "^([0-9]{1,2}(:[0-9]{2})?(am|pm)|[0-9]{1,2}(:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?)$" $text)) -}}
{{- $problems = append $problems (printf "configuration.%s is %q, but a time of day is written 5pm, 5:30pm, 17:00 or 23:59:59." $name $text) -}}
{{- end -}}
{{- end -}}
{{- $days := $configuration.rebootDays | default list -}}
{{- range ternary $days (list $days) (kindIs "slice" $days) -}}
{{- range splitList "," (include "kured.text" .) -}}
{{- if and . (not (regexMatch "^(?i)(su|mo|tu|we|th|fr|sa|sun|mon|tue|wed|thu|fri|sat|sunday|monday|tuesday|wednesday|thursday|friday|saturday|[0-6])$" (trimAll "\"" .))) -}}
{{- $problems = append $problems (printf "configuration.rebootDays has %q, but days are mon to sun, separated by commas." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $name := list "preRebootNodeLabels" "postRebootNodeLabels" -}}
{{- $labels := get $configuration $name | default list -}}
{{- range ternary $labels (list $labels) (kindIs "slice" $labels) -}}
{{- if not (contains "=" (include "kured.text" .)) -}}
{{- $problems = append $problems (printf "configuration.%s has %q, but a label is written key=value." $name (include "kured.text" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $signal := include "kured.text" ($configuration.rebootSignal | default "") -}}
{{- if and $signal (eq (toString $configuration.rebootMethod) "signal") (or (lt (int64 $signal) 1) (gt (int64 $signal) 64)) -}}
{{- $problems = append $problems (printf "configuration.rebootSignal is %s, but a signal is a number from 1 to 64." $signal) -}}
{{- end -}}
{{- /* RE2 by Go itself, which is what kured's filters are; what is wrong with one helm says by itself. */ -}}
{{- with $configuration.alertFilterRegexp -}}{{- $_ := mustRegexMatch (include "kured.text" .) "" -}}{{- end -}}
{{- if not (isAbs (include "kured.rebootSentinel" .)) -}}
{{- $problems = append $problems (printf "configuration.rebootSentinel is %q, but it must be the whole path of a file on the nodes." $configuration.rebootSentinel) -}}
{{- end -}}
{{- range $name := list "notifyUrl" "slackHookUrl" -}}
{{- $secret := get $configuration (printf "%sSecret" $name) | default dict -}}
{{- if and $secret.name (get $configuration $name) -}}
{{- $problems = append $problems (printf "configuration.%s and configuration.%sSecret.name are both given; keep the Secret and remove the other." $name $name) -}}
{{- end -}}
{{- end -}}
{{- $metricsPort := include "kured.text" ($configuration.metricsPort | default 8080) -}}
{{- if or (lt (int64 $metricsPort) 1) (gt (int64 $metricsPort) 65535) -}}
{{- $problems = append $problems (printf "configuration.metricsPort is %s, but a port is a number from 1 to 65535." $metricsPort) -}}
{{- end -}}
{{- range $flag, $value := .Values.extraArgs | default dict -}}
{{- if not (has $flag $known) -}}
{{- $problems = append $problems (printf "extraArgs.%s: kured has no flag --%s." $flag $flag) -}}
{{- end -}}
{{- end -}}
{{- if and (eq $mode "coordinated") (include "kured.formerImage" .) -}}
{{- $problems = append $problems (printf "mode: coordinated needs kured 2.0 or newer, and image.tag makes it %s: remove image.tag." (include "kured.formerImage" .)) -}}
{{- end -}}
{{- $cannot := include "kured.cannotConfine" . -}}
{{- if and (eq $mode "coordinated") $cannot -}}
{{- $problems = append $problems (printf "mode: coordinated needs Kubernetes 1.30 or newer, and %s. Use mode: classic." $cannot) -}}
{{- end -}}
{{- toJson $problems -}}
{{- end -}}

{{- define "kured.check" -}}
{{- $problems := include "kured.problems" . | fromJsonArray -}}
{{- if $problems -}}{{- fail (printf "\n\n%s\n" (join "\n" $problems)) -}}{{- end -}}
{{- end -}}

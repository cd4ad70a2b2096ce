// Every value of kured's charts 6.1.0 and 2.2.0, and where each is found again in what helm renders.

/**
 * A value of a chart, the object that shows it, the path there, and what stands at its end; -1 is the last of a list.
 */
export type ValueRow = readonly [value: string, kind: string, path: string, expected: unknown];

/** A value below `configuration`, and the arguments that it comes to. */
export type ArgumentRow = readonly [value: string, args: readonly string[]];

const pod = "spec.template.spec";
const container = `${pod}.containers.0`;

/** What test/chart/values/chart-6.1.0.yaml makes of objects. */
export const objectsOf6_1_0: readonly ValueRow[] = [
  ["image.repository", "DaemonSet", `${container}.image`, "registry.example.org/kured:1.23"],
  ["image.tag", "DaemonSet", `${container}.image`, "registry.example.org/kured:1.23"],
  ["image.pullPolicy", "DaemonSet", `${container}.imagePullPolicy`, "Always"],
  ["image.pullSecrets", "DaemonSet", `${pod}.imagePullSecrets`, [{ name: "pull" }]],
  ["revisionHistoryLimit", "DaemonSet", "spec.revisionHistoryLimit", 3],
  ["updateStrategy", "DaemonSet", "spec.updateStrategy.type", "RollingUpdate"],
  ["maxUnavailable", "DaemonSet", "spec.updateStrategy.rollingUpdate.maxUnavailable", 2],
  ["podAnnotations", "DaemonSet", "spec.template.metadata.annotations", { "example.org/number": "1" }],
  ["dsAnnotations", "DaemonSet", "metadata.annotations", { "example.org/flag": "true" }],
  ["podLabels", "DaemonSet", "spec.template.metadata.labels.team", "nodes"],
  ["extraArgs", "DaemonSet", `${container}.args.-1`, "--skip-wait-for-delete-timeout=2000000"],
  ["extraEnvVars", "DaemonSet", `${container}.env.1`, { name: "KURED_LOG_FORMAT", value: "json" }],
  ["rbac.create", "ClusterRole", "metadata.name", "rebooter"],
  ["rbac.create", "Role", "rules.0.resourceNames", ["rebooter"]],
  [
    "rbac.create",
    "RoleBinding",
    "subjects.0",
    { kind: "ServiceAccount", name: "rebooter-account", namespace: "kured" },
  ],
  ["serviceAccount.create", "ServiceAccount", "metadata.namespace", "kured"],
  ["serviceAccount.name", "ServiceAccount", "metadata.name", "rebooter-account"],
  ["serviceAccount.name", "DaemonSet", `${pod}.serviceAccountName`, "rebooter-account"],
  [
    "serviceAccount.extraAnnotations",
    "ServiceAccount",
    "metadata.annotations",
    { "example.org/a": "one", "example.org/b": "two" },
  ],
  ["podSecurityPolicy.create", "PodSecurityPolicy", "metadata.name", "rebooter"],
  [
    "containerSecurityContext",
    "DaemonSet",
    `${container}.securityContext`,
    { privileged: true, readOnlyRootFilesystem: false },
  ],
  ["resources", "DaemonSet", `${container}.resources.limits.memory`, "128Mi"],
  ["hostNetwork", "DaemonSet", `${pod}.hostNetwork`, true],
  ["metrics.create", "ServiceMonitor", "spec.endpoints.0.port", "metrics"],
  ["metrics.namespace", "ServiceMonitor", "metadata.namespace", "monitoring"],
  ["metrics.namespace", "ServiceMonitor", "spec.namespaceSelector.matchNames", ["kured"]],
  ["metrics.labels", "ServiceMonitor", "metadata.labels.release", "prometheus"],
  ["metrics.interval", "ServiceMonitor", "spec.endpoints.0.interval", "30s"],
  ["metrics.scrapeTimeout", "ServiceMonitor", "spec.endpoints.0.scrapeTimeout", "10s"],
  ["service.create", "Service", "metadata.namespace", "kured"],
  ["service.port", "Service", "spec.ports.0.port", 9090],
  ["service.annotations", "Service", "metadata.annotations", { "example.org/x": "1" }],
  ["service.name", "Service", "metadata.name", "kured-metrics"],
  ["service.type", "Service", "spec.type", "NodePort"],
  ["service.nodePort", "Service", "spec.ports.0.nodePort", 30_090],
  ["livenessProbe", "DaemonSet", `${container}.livenessProbe`, undefined],
  [
    "readinessProbe",
    "DaemonSet",
    `${container}.readinessProbe`,
    {
      httpGet: { path: "/healthz", port: "metrics", scheme: "HTTP" },
      ...{ initialDelaySeconds: 10, periodSeconds: 30, timeoutSeconds: 5, successThreshold: 1, failureThreshold: 9 },
    },
  ],
  ["priorityClassName", "DaemonSet", `${pod}.priorityClassName`, "system-node-critical"],
  ["tolerations", "DaemonSet", `${pod}.tolerations`, [{ operator: "Exists" }]],
  [
    "affinity",
    "DaemonSet",
    `${pod}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions.0.key`,
    "pool",
  ],
  ["nodeSelector", "DaemonSet", `${pod}.nodeSelector`, { "kubernetes.io/os": "linux", pool: "a" }],
  ["volumeMounts", "DaemonSet", `${container}.volumeMounts.1`, { name: "more", mountPath: "/more" }],
  ["volumes", "DaemonSet", `${pod}.volumes.1`, { name: "more", emptyDir: {} }],
  ["initContainers", "DaemonSet", `${pod}.initContainers.0.name`, "first"],
  ["nameOverride", "DaemonSet", "spec.selector.matchLabels", labels("reboots")],
  ["nameOverride", "Service", "spec.selector", labels("reboots")],
  ["fullnameOverride", "DaemonSet", "metadata.name", "rebooter"],
  ["configuration.metricsPort", "DaemonSet", `${container}.ports.0.containerPort`, 9999],
  ["configuration.metricsPort", "Service", "spec.ports.0.targetPort", 9999],
  ["configuration.useRebootSentinelHostPath", "DaemonSet", `${pod}.volumes.0`, sentinelVolume("/run/needs")],
  [
    "configuration.useRebootSentinelHostPath",
    "DaemonSet",
    `${container}.volumeMounts.0`,
    { name: "sentinel", mountPath: "/sentinel", readOnly: true },
  ],
];

/** What it makes of arguments, in the order of chart 6.1.0's templates. */
export const argumentsOf6_1_0: readonly ArgumentRow[] = [
  ["metricsHost", ["--metrics-host=127.0.0.1"]],
  ["metricsPort", ["--metrics-port=9999"]],
  ["lockTtl", ["--lock-ttl=30m"]],
  ["lockReleaseDelay", ["--lock-release-delay=10m"]],
  ["alertFilterRegexp", ["--alert-filter-regexp=^(Watchdog|Foo: bar) #1$"]],
  ["alertFiringOnly", ["--alert-firing-only=true"]],
  ["alertFilterMatchOnly", ["--alert-filter-match-only=true"]],
  ["blockingPodSelector", ["--blocking-pod-selector=app=a", "--blocking-pod-selector=app in (b, c)"]],
  ["endTime", ["--end-time=23:59:59"]],
  ["lockAnnotation", ["--lock-annotation=example.org/lock"]],
  ["period", ["--period=5m"]],
  ["forceReboot", ["--force-reboot"]],
  ["drainGracePeriod", ["--drain-grace-period=0"]],
  ["drainPodSelector", ["--drain-pod-selector=app!=b"]],
  ["drainDelay", ["--drain-delay=1m"]],
  ["drainTimeout", ["--drain-timeout=30m"]],
  ["skipWaitForDeleteTimeout", ["--skip-wait-for-delete-timeout=1000000"]],
  ["prometheusUrl", ["--prometheus-url=http://prometheus"]],
  ["rebootDays", ["--reboot-days=mon,tue"]],
  ["preRebootNodeLabels", ["--pre-reboot-node-labels=kured=rebooting"]],
  ["postRebootNodeLabels", ["--post-reboot-node-labels=kured=done"]],
  ["rebootSentinel", ["--reboot-sentinel=/sentinel/reboot"]],
  ["rebootSentinelCommand", ['--reboot-sentinel-command=sh -c "! needs-restarting --reboothint"']],
  ["rebootCommand", ["--reboot-command=/usr/sbin/reboot"]],
  ["rebootDelay", ["--reboot-delay=90s"]],
  ["rebootMethod", ["--reboot-method=command"]],
  ["rebootSignal", ["--reboot-signal=39"]],
  ["slackChannel", ["--slack-channel=#nodes"]],
  ["slackHookUrl", ["--slack-hook-url=https://hooks.example.org/kured"]],
  ["slackUsername", ["--slack-username=2024"]],
  ["notifyUrl", ["--notify-url=slack://a/b/c"]],
  ["messageTemplateDrain", ["--message-template-drain=Draining: %s"]],
  ["messageTemplateReboot", ["--message-template-reboot=Rebooting node %s # now"]],
  ["messageTemplateUncordon", ['--message-template-uncordon=Node "%s" & co']],
  ["startTime", ["--start-time=0:00"]],
  ["timeZone", ["--time-zone=Europe/Berlin"]],
  ["annotateNodes", ["--annotate-nodes=true"]],
  ["preferNoScheduleTaint", ["--prefer-no-schedule-taint=example.org/reboot"]],
  ["logFormat", ["--log-format=json"]],
  ["concurrency", ["--concurrency=2"]],
];

/** What test/chart/values/chart-2.2.0.yaml makes of objects, where it is not what chart 6.1.0 has. */
export const objectsOf2_2_0: readonly ValueRow[] = [
  ["image.tag", "DaemonSet", `${container}.image`, "ghcr.io/kubereboot/kured:2.0.0"],
  ["updateStrategy", "DaemonSet", "spec.updateStrategy", { type: "OnDelete" }],
  ["podAnnotations", "DaemonSet", "spec.template.metadata.annotations", undefined],
  ["extraEnvVars", "DaemonSet", `${container}.env.-1.name`, "KURED_NODE_ID"],
  ["serviceAccount.name", "ServiceAccount", "metadata.name", "my-release-kured"],
  ["tolerations", "DaemonSet", `${pod}.tolerations`, [{ key: "node-role.kubernetes.io/master", effect: "NoSchedule" }]],
  ["nodeSelector", "DaemonSet", `${pod}.nodeSelector`, { "kubernetes.io/os": "linux" }],
  ["configuration.rebootSentinel", "DaemonSet", `${pod}.volumes`, [sentinelVolume("/var/run")]],
];

/** What it makes of arguments. */
export const argumentsOf2_2_0: readonly ArgumentRow[] = [
  ["annotationTtl", ["--lock-ttl=30m"]],
  ["alertFilterRegexp", ["--alert-filter-regexp=^RebootRequired$"]],
  ["blockingPodSelector", ["--blocking-pod-selector=runtime=long", "--blocking-pod-selector=app in (a, b)"]],
  ["endTime", ["--end-time=11:59pm"]],
  ["lockAnnotation", ["--lock-annotation=weave.works/kured-node-lock"]],
  ["period", ["--period=1h"]],
  ["prometheusUrl", ["--prometheus-url=http://prometheus.monitoring.svc.cluster.local"]],
  ["rebootDays", ["mon", "tue", "wed", "thu", "fri"].map((day) => `--reboot-days=${day}`)],
  ["rebootSentinel", ["--reboot-sentinel=/sentinel/reboot-required"]],
  ["slackChannel", ["--slack-channel=environments"]],
  ["slackHookUrl", ["--slack-hook-url=https://hooks.slack.com/services/blahblah"]],
  ["slackUsername", ["--slack-username=my-release"]],
  ["startTime", ["--start-time=5pm"]],
  ["timeZone", ["--time-zone=America/New_York"]],
];

function sentinelVolume(path: string): object {
  return { name: "sentinel", hostPath: { path, type: "Directory" } };
}

function labels(name: string): object {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "kured" };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { at, objectsIn, rendered } from "./renders.ts";

// What single values make of the objects, in either mode.

const { signal } = new AbortController();

/**
 * The kind and name of an object, the path in it, and what stands there; a path of "" with `undefined`: there is none.
 */
type Sight = readonly [object: string, path: string, expected: unknown];

interface Row {
  readonly what: string;
  readonly values: object;
  readonly argv?: readonly string[];
  readonly seen: readonly Sight[];
}

const pod = "spec.template.spec";
const container = `${pod}.containers.0`;
const agent = "DaemonSet kured";
const coordinator = "Deployment kured-coordinator";

const rows: readonly Row[] = [
  {
    what: "without rights of the chart's there is no role of any kind",
    values: { mode: "classic", rbac: { create: false } },
    seen: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind) => [`${kind} kured`, "", undefined]),
  },
  {
    what: "an account of one's own is used and not made",
    values: { mode: "classic", serviceAccount: { create: false, name: "mine" } },
    seen: [
      ["ServiceAccount mine", "", undefined],
      [agent, `${pod}.serviceAccountName`, "mine"],
      ["ClusterRoleBinding kured", "subjects.0.name", "mine"],
    ],
  },
  {
    what: "without an account and a name for it the namespace's own is used",
    values: { mode: "classic", serviceAccount: { create: false } },
    seen: [[agent, `${pod}.serviceAccountName`, "default"]],
  },
  {
    what: "where the server has pod security policies, one is made, and the account may use it",
    values: { mode: "classic", podSecurityPolicy: { create: true } },
    argv: ["--api-versions", "policy/v1beta1/PodSecurityPolicy"],
    seen: [
      ["PodSecurityPolicy kured", "spec.hostPID", true],
      ["Role kured-psp", "rules.0.verbs", ["use"]],
    ],
  },
  {
    what: "where the server has none, none is made",
    values: { mode: "classic", podSecurityPolicy: { create: true } },
    seen: [["PodSecurityPolicy kured", "", undefined]],
  },
  {
    what: "with metrics there is a monitor in the release's namespace and its service, of its port",
    values: { mode: "classic", metrics: { create: true }, configuration: { metricsPort: 9090 } },
    seen: [
      ["ServiceMonitor kured", "metadata.namespace", "kube-system"],
      ["ServiceMonitor kured", "spec.endpoints.0", endpoint()],
      ["Service kured", "spec.ports.0", { name: "metrics", port: 8080, targetPort: 9090 }],
      ["Service kured", "spec.type", "ClusterIP"],
    ],
  },
  {
    what: "a service alone makes no monitor, and a node port only where its type has one",
    values: { mode: "classic", service: { create: true, nodePort: 30_000 } },
    seen: [
      ["Service kured", "spec.ports.0.nodePort", undefined],
      ["ServiceMonitor kured", "", undefined],
    ],
  },
  {
    what: "probes that are switched off are off in either mode",
    values: { mode: "coordinated", livenessProbe: null, readinessProbe: null },
    seen: [
      [agent, `${container}.livenessProbe`, undefined],
      [agent, `${container}.readinessProbe`, undefined],
      [coordinator, `${container}.livenessProbe.httpGet.path`, "/healthz"],
    ],
  },
  {
    what: "a probe of one's own stays as it is in mode coordinated, the usual ones become better ones",
    values: { mode: "coordinated", livenessProbe: { periodSeconds: 77 } },
    seen: [
      [agent, `${container}.livenessProbe.periodSeconds`, 77],
      [agent, `${container}.livenessProbe.httpGet.path`, "/metrics"],
      [agent, `${container}.readinessProbe`, { httpGet: { path: "/readyz", port: "metrics" }, ...probe() }],
    ],
  },
  {
    what: "in mode coordinated what old charts gave the pods is the agents', and the coordinator has values of its own",
    values: {
      mode: "coordinated",
      ...{ dsAnnotations: { a: 1 }, podAnnotations: { b: true }, podLabels: { c: "d" }, priorityClassName: "first" },
      ...{ resources: { limits: { memory: "64Mi" } }, tolerations: [{ key: "t" }], nodeSelector: { pool: "p" } },
      ...{ volumes: [{ name: "v", emptyDir: {} }], volumeMounts: [{ name: "v", mountPath: "/v" }] },
      coordinator: { volumes: [{ name: "w", emptyDir: {} }], volumeMounts: [{ name: "w", mountPath: "/w" }] },
      extraEnvVars: [{ name: "TZ", value: "UTC" }],
      metrics: { create: true },
    },
    seen: [
      [agent, "metadata.annotations", { a: "1" }],
      [agent, "spec.template.metadata.annotations", { b: "true" }],
      [agent, "spec.template.metadata.labels.c", "d"],
      [agent, `${pod}.priorityClassName`, "first"],
      [agent, `${container}.resources.limits.memory`, "64Mi"],
      [agent, `${pod}.tolerations`, [{ key: "t" }]],
      [agent, `${pod}.nodeSelector.pool`, "p"],
      [agent, `${pod}.volumes.-1.name`, "v"],
      [agent, `${container}.volumeMounts.-1.mountPath`, "/v"],
      [agent, `${container}.env.-1`, { name: "TZ", value: "UTC" }],
      [coordinator, `${container}.env.-1`, { name: "TZ", value: "UTC" }],
      [coordinator, `${pod}.volumes`, [{ name: "w", emptyDir: {} }]],
      [coordinator, `${container}.volumeMounts`, [{ name: "w", mountPath: "/w" }]],
      [coordinator, `${pod}.nodeSelector`, { "kubernetes.io/os": "linux" }],
      ["ServiceMonitor kured", "spec.selector.matchLabels", labels("kured")],
      ["ServiceMonitor kured-coordinator", "spec.selector.matchLabels", labels("kured-coordinator")],
      ["Service kured-coordinator", "spec.selector", labels("kured-coordinator")],
    ],
  },
  {
    what: "with the labels of charts before 3.0.0 the selectors are theirs, and a label that is given twice is there once",
    values: { mode: "coordinated", layout: "chart-2", metrics: { create: true, labels: { release: "prometheus" } } },
    seen: [
      [agent, "spec.selector.matchLabels", { app: "kured", release: "kured" }],
      [agent, "spec.template.metadata.labels", { app: "kured", release: "kured" }],
      [agent, "metadata.labels.heritage", "Helm"],
      [coordinator, "spec.selector.matchLabels", { app: "kured-coordinator", release: "kured" }],
      ["Service kured", "spec.selector", { app: "kured", release: "kured" }],
      ["ServiceMonitor kured", "metadata.labels.release", "prometheus"],
      ["ServiceMonitor kured", "metadata.labels.app", "kured"],
    ],
  },
  {
    what: "a coordinator that is alone may come up on a cordoned node, because nobody else would uncordon it",
    values: { mode: "coordinated", coordinator: { replicas: 1 } },
    seen: [[coordinator, `${pod}.tolerations.-1.key`, "node.kubernetes.io/unschedulable"]],
  },
  {
    what: "one of two coordinators does not come back to the node that it was just drained from",
    values: { mode: "coordinated" },
    seen: [[coordinator, `${pod}.tolerations.-1.key`, "node-role.kubernetes.io/master"]],
  },
  {
    what: "a hook's Secret is for the coordinator alone",
    values: { mode: "coordinated", configuration: { notifyUrlSecret: { name: "hooks" } } },
    seen: [
      [agent, `${container}.env.-1.name`, "KURED_POD_NAMESPACE"],
      [coordinator, `${container}.env.-1.valueFrom.secretKeyRef`, { name: "hooks", key: "notifyUrl" }],
    ],
  },
];

for (const { what, values, argv = [], seen } of rows) {
  test(what, async () => {
    const json = Object.entries(values).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
    const objects = objectsIn(await rendered({ name: what, argv: [...json, ...argv] }, { signal }));
    for (const [name, path, expected] of seen) {
      const found = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === name);
      assert.equal(found === undefined, path === "", name);
      if (path !== "") assert.deepEqual(at(found, path), expected, `${name}: ${path}`);
    }
  });
}

/** Texts that a template without quotes makes something else of. */
const texts: readonly string[] = [
  ...["a: b", "a # b", "- a", "* a", "&a", "!a", "%s", "@a", "`a`", "{a}", "[a]", "{{ a }}", "|", ">", "null", "~"],
  ...["true", "no", "0123", "1e3", "0x1f", "12:34:56", "2026-11-21", '"a"', "'a'", 'a"b', "a'b", "a\\b", " a ", "a\nb"],
  ...["ä ∞ 🚀", "a,b=c", "--a"],
];

test("a text stays the same text, whatever YAML would make of it", async () => {
  const few = Object.fromEntries(texts.map((text, index) => [`example.org/t${index}`, text]));
  const values = {
    ...{ podAnnotations: few, dsAnnotations: few, serviceAccount: { create: true, extraAnnotations: few } },
    ...{ service: { create: true, annotations: few }, extraArgs: { "notify-url": texts } },
    ...{ extraEnvVars: texts.map((value, index) => ({ name: `T${index}`, value })), mode: "classic" },
    configuration: { messageTemplateDrain: texts[0], blockingPodSelector: texts },
  };
  const argv = Object.entries(values).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
  const objects = objectsIn(await rendered({ name: "texts", argv }, { signal }));
  const [daemonSet, account, service] = ["DaemonSet", "ServiceAccount", "Service"].map((wanted) =>
    objects.find(({ kind }) => kind === wanted),
  );
  assert.deepEqual(at(daemonSet, "spec.template.metadata.annotations"), few);
  for (const object of [daemonSet, account, service]) assert.deepEqual(at(object, "metadata.annotations"), few);
  const args = at(daemonSet, `${container}.args`) as readonly string[];
  for (const flag of ["blocking-pod-selector", "notify-url"]) {
    assert.deepEqual(
      args.filter((arg) => arg.startsWith(`--${flag}=`)),
      texts.map((text) => `--${flag}=${text}`),
    );
  }
  assert.ok(args.includes(`--message-template-drain=${texts[0]}`));
  const env = at(daemonSet, `${container}.env`) as readonly { readonly value?: string }[];
  assert.deepEqual(
    env.slice(1).map(({ value }) => value),
    texts,
  );
});

test("a number stays the same number, however large", async () => {
  const argv = ["--set-json", `configuration=${JSON.stringify({ skipWaitForDeleteTimeout: 123_456_789 })}`];
  const more = ["--set-json", 'extraArgs={"drain-grace-period":2147483647}', "--set", "mode=classic"];
  const text = await rendered({ name: "numbers", argv: [...argv, ...more] }, { signal });
  assert.match(text, /"--skip-wait-for-delete-timeout=123456789"/);
  assert.match(text, /"--drain-grace-period=2147483647"/);
});

test("names stay texts, whatever YAML would make of them", async () => {
  const names = ["serviceAccount.name=on", "service.name=0123", "metrics.namespace=1e3", "priorityClassName=2024"];
  const more = ["nameOverride=12", "fullnameOverride=34", "metrics.interval=60", "metrics.scrapeTimeout=1e1"];
  const argv = ["--set", "mode=classic,metrics.create=true", "--set-string", [...names, ...more].join()];
  const text = await rendered({ name: "names", argv, release: "2024", namespace: "777" }, { signal });
  const objects = objectsIn(text);
  const sights: readonly Sight[] = [
    ["ServiceAccount on", "metadata.namespace", "777"],
    ["DaemonSet 34", `${pod}.priorityClassName`, "2024"],
    ["DaemonSet 34", "spec.selector.matchLabels", { ...labels("12"), "app.kubernetes.io/instance": "2024" }],
    ["Role 34", "rules.0.resourceNames", ["34"]],
    ["ClusterRoleBinding 34", "subjects.0", { kind: "ServiceAccount", name: "on", namespace: "777" }],
    ["Service 0123", "spec.selector", { ...labels("12"), "app.kubernetes.io/instance": "2024" }],
    ["ServiceMonitor 34", "metadata.namespace", "1e3"],
    ["ServiceMonitor 34", "spec.endpoints.0.interval", "60"],
    ["ServiceMonitor 34", "spec.endpoints.0.scrapeTimeout", "1e1"],
    ["ServiceMonitor 34", "spec.namespaceSelector.matchNames", ["777"]],
  ];
  for (const [name, path, expected] of sights) {
    const found = objects.find(({ kind, metadata }) => `${kind} ${metadata.name}` === name);
    assert.deepEqual(at(found, path), expected, `${name}: ${path}`);
  }
});

function endpoint(): object {
  return { interval: "60s", honorLabels: true, port: "metrics", path: "/metrics", scheme: "http" };
}

function probe(): object {
  return { periodSeconds: 10, timeoutSeconds: 5 };
}

function labels(name: string): object {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "kured" };
}

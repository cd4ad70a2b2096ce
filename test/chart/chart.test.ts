import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseArguments } from "../../src/config/parse-arguments.ts";
import { root } from "../../tools/source.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { runHelm } from "./helm.ts";
import { classic, goldens, manifests, manifestText, objectsIn, rendered } from "./renders.ts";

const { signal } = new AbortController();

interface Workload extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          { readonly args: readonly string[]; readonly env: readonly object[]; readonly securityContext: object },
        ];
      };
    };
  };
}

/** The one container of the classic DaemonSet. */
async function workload(argv: readonly string[]) {
  return await part(classic(...argv), "DaemonSet");
}

async function part(argv: readonly string[], kind: "DaemonSet" | "Deployment") {
  const text = await rendered({ name: "test", argv }, { signal });
  const found = objectsIn(text).find((object) => object.kind === kind) as Workload | undefined;
  assert.ok(found !== undefined);
  return found.spec.template.spec.containers[0];
}

const set = (...values: readonly string[]): readonly string[] => values.flatMap((value) => ["--set", value]);

/** What a reader types, and the arguments that it must come to beside the default ones. */
const typed: readonly (readonly [argv: readonly string[], args: readonly string[]])[] = [
  [set("configuration.rebootDays={mon,tue}"), ["--reboot-days=mon", "--reboot-days=tue"]],
  [set("configuration.rebootDays=mon"), ["--reboot-days=mon"]],
  [
    set(
      "configuration.rebootDays={mon,tue,wed,thu,fri}",
      "configuration.startTime=5pm",
      "configuration.endTime=11:59pm",
      "configuration.timeZone=America/New_York",
    ),
    [
      "--end-time=11:59pm",
      ...["mon", "tue", "wed", "thu", "fri"].map((day) => `--reboot-days=${day}`),
      "--start-time=5pm",
      "--time-zone=America/New_York",
    ],
  ],
  [
    set(
      "configuration.slackChannel=environments",
      "configuration.slackHookUrl=https://hooks.slack.com/services/blahblah",
      "configuration.slackUsername=staging",
    ),
    [
      "--slack-channel=environments",
      "--slack-hook-url=https://hooks.slack.com/services/blahblah",
      "--slack-username=staging",
    ],
  ],
  [
    ["--set-string", "configuration.messageTemplateDrain=Draining: %s # now"],
    ["--message-template-drain=Draining: %s # now"],
  ],
  [set("configuration.annotationTtl=30m"), ["--lock-ttl=30m"]],
  [set('configuration.alertFilterRegexp=^"A\\\\d"$'), ['--alert-filter-regexp=^"A\\d"$']],
  [
    set("extraArgs.force-reboot=false", "extraArgs.drain-grace-period=0"),
    ["--drain-grace-period=0", "--force-reboot=false"],
  ],
  [["--set-json", 'extraArgs={"skip-wait-for-delete-timeout":3000000}'], ["--skip-wait-for-delete-timeout=3000000"]],
  [
    ["--set-json", 'extraArgs={"reboot-days":["mon","tue"],"annotate-nodes":""}'],
    ["--annotate-nodes", "--reboot-days=mon", "--reboot-days=tue"],
  ],
  [set("configuration.rebootSentinelCommand=test -f /x"), ["--reboot-sentinel-command=test -f /x"]],
];

const usual = [
  "--ds-name=kured",
  "--ds-namespace=kube-system",
  "--metrics-port=8080",
  "--reboot-sentinel=/sentinel/reboot-required",
  "--reboot-command=/bin/systemctl reboot",
  "--log-format=text",
  "--concurrency=1",
];

for (const [argv, expected] of typed) {
  test(`helm with ${argv.join(" ")} starts kured with ${expected.join(" ")}`, async () => {
    const { args } = await workload(argv);
    assert.deepEqual(
      args.filter((arg) => !usual.includes(arg)),
      expected,
    );
    const outcome = parseArguments({ argv: args, env: { KURED_NODE_ID: "n1" }, program: "kured" });
    assert.equal(outcome.kind, "settings");
  });
}

test("without any value the arguments are those of chart 6.1.0, one for one", async () => {
  assert.deepEqual((await workload([])).args, usual);
});

test("without the mount of its folder the sentinel is given by its path on the host", async () => {
  const { args } = await workload(set("configuration.useRebootSentinelHostPath=false"));
  assert.ok(args.includes("--reboot-sentinel=/var/run/reboot-required"));
});

test("a release of chart 6.1.0 is upgraded with --reuse-values, which know none of our own keys", async () => {
  const argv = set("layout=null", "coordinator=null", "configuration.notifyUrlSecret=null");
  assert.deepEqual((await workload(argv)).args, usual);
  const { args } = await part(set("mode=null", ...["layout", "coordinator"].map((key) => `${key}=null`)), "Deployment");
  assert.deepEqual(args.slice(0, 2), ["coordinator", "--ds-name=kured"]);
});

test("a URL in an existing Secret reaches the daemon through its environment and is in no object", async () => {
  const argv = set("configuration.notifyUrlSecret.name=hooks", "configuration.slackHookUrlSecret.name=hooks");
  const { args, env } = await workload([...argv, ...set("configuration.slackHookUrlSecret.key=slack")]);
  assert.deepEqual(args, usual);
  const ref = (name: string, key: string): object => ({ name, valueFrom: { secretKeyRef: { name: "hooks", key } } });
  assert.deepEqual(env.slice(1), [ref("KURED_NOTIFY_URL", "notifyUrl"), ref("KURED_SLACK_HOOK_URL", "slack")]);
});

test("the signal method takes the container's privileges away, unless a security context is given", async () => {
  const bySignal = set("configuration.rebootMethod=signal");
  const alone = { add: ["KILL"], drop: ["ALL"] };
  assert.deepEqual((await workload(bySignal)).securityContext, {
    privileged: false,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: alone,
    seccompProfile: { type: "RuntimeDefault" },
  });
  const given = await workload([...bySignal, ...set("containerSecurityContext.readOnlyRootFilesystem=false")]);
  assert.deepEqual(given.securityContext, { privileged: true, readOnlyRootFilesystem: false });
});

test("in mode coordinated each part gets the options that it knows and no other", async () => {
  const argv = ["--values", "test/chart/values/coordinated.yaml"];
  for (const [kind, command] of [
    ["DaemonSet", "agent"],
    ["Deployment", "coordinator"],
  ] as const) {
    const { args } = await part(argv, kind);
    const outcome = parseArguments({ argv: args, env: { KURED_NODE_ID: "n1" }, program: "kured" });
    assert.equal(outcome.kind, "settings", outcome.kind === "settings" ? "" : String(Object.values(outcome)));
    assert.equal(args[0], command);
  }
});

test("the coordinator's rights follow the lock annotation and the Lease, wherever they are named", async () => {
  const argv = set("mode=coordinated", "extraArgs.lease-name=other", "extraArgs.lock-annotation=example.org/lock");
  const text = await rendered({ name: "rights", argv }, { signal });
  assert.match(text, /resourceNames: \["other"\]/);
  assert.match(text, /expression: "'example\.org\/lock'"/);
});

/** What decides on the mode where nobody does: `helm template` asks no server. */
const chosen: readonly (readonly [what: string, argv: readonly string[], mode: "classic" | "coordinated"])[] = [
  ["where nothing speaks against it", [], "coordinated"],
  ["on Kubernetes 1.30", ["--kube-version", "v1.30.0"], "coordinated"],
  ["on Kubernetes 1.29", ["--kube-version", "v1.29.9"], "classic"],
  ["on Kubernetes 1.19", ["--kube-version", "v1.19.0"], "classic"],
  ["with rights of one's own", set("rbac.create=false"), "classic"],
  ["with an account of one's own", set("serviceAccount.create=false", "serviceAccount.name=mine"), "classic"],
  ["with a mode that is empty", set("mode="), "coordinated"],
  ["with values of chart 2.2.0", ["--values", "test/chart/values/chart-2.2.0.yaml"], "coordinated"],
  ["with the image of kured 1.23 in its values", set("image.tag=1.23.0"), "classic"],
  ["with an image of its own", set("image.tag=stable", "image.repository=registry.example.org/kured"), "coordinated"],
];

for (const [what, argv, mode] of chosen) {
  test(`a new installation ${what} is ${mode}`, async () => {
    const { args } = await part(argv, "DaemonSet");
    assert.equal(args[0] === "agent", mode === "coordinated");
  });
}

test("helm lint has nothing to say against the chart in either mode", async () => {
  for (const argv of [
    [],
    set("mode=classic"),
    set("mode=coordinated"),
    ["--values", "test/chart/values/chart-6.1.0.yaml"],
  ]) {
    const end = await runHelm(["lint", "--strict", "chart", "--kube-version", "v1.37.1", ...argv], { signal });
    assert.equal(end.code, 0, end.stdout + end.stderr);
  }
});

for (const golden of goldens) {
  test(`the chart renders test/chart/golden/${golden.name}.yaml: else run npm run chart and read the difference`, async () => {
    const expected = readFileSync(join(root, `test/chart/golden/${golden.name}.yaml`), "utf8");
    assert.equal(await rendered(golden, { signal }), expected);
  });
}

for (const manifest of manifests) {
  test(`manifests/${manifest.name}.yaml is what the chart renders: else run npm run chart`, async () => {
    const expected = readFileSync(join(root, `manifests/${manifest.name}.yaml`), "utf8");
    assert.equal(await manifestText(manifest, { signal }), expected);
  });
}

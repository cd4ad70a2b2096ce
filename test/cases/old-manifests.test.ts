import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import type { AuditEntry } from "../controlplane/cluster/audit.ts";
import { freePort } from "../controlplane/cluster/component.ts";
import { startDaemon, type Daemon } from "../controlplane/daemon.ts";
import { startHost, type SimulatedHost } from "../controlplane/host.ts";
import { fakeNode, type NodeObject } from "../controlplane/objects.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { agentToken, createAll, createNodes, waitFor } from "../controlplane/waits.ts";
import { containerProgram } from "./manifests/container.ts";
import { everyArgumentOf1_13, publishedManifest, releases, type PublishedManifest } from "./manifests/published.ts";
import { startHook, startPrometheus } from "./manifests/receivers.ts";
import { rows } from "./selection.ts";
import { programUnderTest } from "./site.ts";

// Manifests that people have applied for years, with their own rights and their own arguments; only the image is ours.
// Substituted are what a simulated host cannot have: the metrics port, which the daemons of several nodes would share
// here, comes from the environment; and where the machine has no /bin/systemctl, the reboot command does, too. Of the
// arguments themselves those in `substituted` are others, and the hosts of two URLs, Prometheus and Slack, are the
// test's.

/** Pauses that a test cannot sit out. */
const substituted: ReadonlyMap<string, string> = new Map([
  ["--reboot-delay=90s", "--reboot-delay=1s"],
  ["--lock-release-delay=30m", "--lock-release-delay=1s"],
]);

const { cluster, signal } = await suiteCluster();

for (const release of rows<keyof typeof releases>({ all: ["1.3.0", "1.13.0", "1.23.0"], few: ["1.3.0"] })) {
  test(`the manifest of kured ${release} reboots its node with its own rights, and nothing is refused`, async () => {
    await withManifest(publishedManifest(release), async (installed) => {
      await installed.requireReboots();
      await installed.untilRebooted();
      assert.deepEqual(await installed.refused(), []);
    });
  });
}

test("with every argument of the manifest of kured 1.13 a node is rebooted and told of, and nothing is refused", async () => {
  await using prometheus = await startPrometheus();
  await using hook = await startHook();
  const args = everyArgumentOf1_13.map((argument) =>
    (substituted.get(argument) ?? argument)
      .replace("http://prometheus.monitoring.svc.cluster.local", prometheus.url)
      .replace("https://hooks.slack.com/", `${hook.url}/`),
  );
  await withManifest(publishedManifest("1.13.0", { args }), async (installed) => {
    await installed.requireReboots();
    await installed.untilRebooted();
    assert.deepEqual(await installed.refused(), []);
    const queries = prometheus.queries();
    assert.ok(queries.every((query) => query === "ALERTS") && queries.length > 0, queries.join());
    await waitFor("the hook to be told of all three", async () => hook.posts().length >= 3, { signal });
    const node = installed.hosts[0]?.node;
    const texts = [
      `Draining node ${node}`,
      `Rebooting node ${node}`,
      `Node ${node} rebooted & uncordoned successfully!`,
    ];
    assert.deepEqual(
      hook.posts(),
      texts.map((text) => ({ path: "/...", body: { text, username: "prod", channel: "alerting" } })),
    );
  });
});

test("the selector of three dots that the manifest of kured 1.13 prints is refused by name, and nothing is asked or done", async () => {
  const args = ["--blocking-pod-selector=..."];
  await withManifest(publishedManifest("1.13.0", { args }), async (installed) => {
    await installed.requireReboots();
    const [daemon] = installed.daemons;
    const line = await daemon?.waitForLine(/level=fatal/);
    assert.match(line?.text ?? "", /blocking-pod-selector \.\.\.: /);
    assert.equal((await daemon?.exited())?.code, 1);
    assert.deepEqual(await installed.requests(), []);
    assert.deepEqual(await installed.hosts[0]?.reboots(), []);
  });
});

test("the manifest of kured 1.2.0 is told which one rule its role lacks, and with that rule its node is rebooted", async () => {
  await withManifest(publishedManifest("1.2.0"), async (installed) => {
    await installed.requireReboots();
    const line = await installed.daemons[0]?.waitForLine(/The lock cannot be read/);
    const [, rule = ""] = /ClusterRole: - (\{.*?\})/.exec(line?.text ?? "") ?? [];
    assert.deepEqual(await installed.hosts[0]?.reboots(), []);
    const role = { kind: "ClusterRole", metadata: { name: "kured" } };
    const { rules } = await cluster.admin.get<KubeObject & { readonly rules: readonly object[] }>(role);
    await cluster.admin.patch(role, { rules: [...rules, parse(rule) as object] });
    await installed.untilRebooted();
    const refusals = new Set((await installed.refused()).map((refusal) => refusal.replace(/\?.*/, "")));
    assert.deepEqual([...refusals], ["get /apis/apps/v1/namespaces/kube-system/daemonsets/kured: 403"]);
  });
});

interface Installed {
  readonly daemons: readonly Daemon[];
  readonly hosts: readonly SimulatedHost[];
  requireReboots(): Promise<void>;
  untilRebooted(): Promise<void>;
  /** What its account has asked the API server for. */
  requests(): Promise<readonly AuditEntry[]>;
  /** What was answered with 401, 403 or 422. */
  refused(): Promise<readonly string[]>;
}

/** Applies a manifest for one node, runs its daemon there, and takes all of it away again. */
async function withManifest(manifest: PublishedManifest, work: (installed: Installed) => Promise<void>): Promise<void> {
  const { admin } = cluster;
  const stops: (() => Promise<unknown>)[] = [];
  const user = "system:serviceaccount:kube-system:kured";
  const askedBefore = (await cluster.auditEntries({ user })).length;
  const requests = async () => (await cluster.auditEntries({ user })).slice(askedBefore);
  const prefix = `v${manifest.release.replaceAll(".", "-")}`;
  const nodes = [fakeNode({ name: `${prefix}-n1` })];
  try {
    await createNodes(admin, nodes, { signal });
    for (const node of nodes) stops.push(() => admin.delete(node));
    for (const object of manifest.objects) {
      await createAll(admin, [object]);
      stops.push(() => admin.delete(object));
    }
    const hosts = await Promise.all(
      nodes.map(async ({ metadata }) => {
        const host = await startHost({ node: metadata.name, admin, signal });
        stops.push(() => host.stop());
        return host;
      }),
    );
    const daemons = await Promise.all(
      hosts.map(async (host) => {
        const daemon = await startManifest(manifest, host);
        stops.push(() => daemon.stop());
        return daemon;
      }),
    );
    await work({
      daemons,
      hosts,
      requireReboots: async () => void (await Promise.all(hosts.map((host) => host.requireReboot()))),
      untilRebooted: () => untilRebooted(hosts),
      requests,
      refused: async () => {
        const entries = await requests();
        assert.ok(entries.length > 10, "the daemons have asked for something");
        return entries
          .filter(({ code }) => [401, 403, 422].includes(code))
          .map(({ verb, code, requestUri }) => `${verb} ${requestUri}: ${code}`);
      },
    }).catch((error: unknown) => {
      for (const daemon of daemons) for (const line of daemon.lines().slice(-40)) console.log(line.text);
      throw error;
    });
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function startManifest({ args, release }: PublishedManifest, host: SimulatedHost): Promise<Daemon> {
  const { mountsSentinel } = releases[release];
  return await startDaemon({
    host,
    cluster,
    program: await containerProgram(host, { mountsRun: mountsSentinel }),
    args: [programUnderTest(), ...args],
    environment: {
      KURED_METRICS_HOST: "127.0.0.1",
      KURED_METRICS_PORT: String(await freePort()),
      ...(!existsSync("/bin/systemctl") && { KURED_REBOOT_COMMAND: host.rebootCommand }),
    },
    token: await agentToken(cluster.admin, { node: host.node, signal }),
    restartAfterMs: 200,
    signal,
  });
}

async function untilRebooted(hosts: readonly SimulatedHost[]): Promise<void> {
  for (const host of hosts) {
    await waitFor(`${host.node} to be rebooted and given back`, () => isDone(host), { signal, timeoutMs: 40_000 });
    assert.equal((await host.reboots()).length, 1, `calls of the reboot command on ${host.node}`);
  }
}

async function isDone(host: SimulatedHost): Promise<boolean> {
  const node = { kind: "Node", metadata: { name: host.node } };
  const { spec, metadata } = await cluster.admin.get<NodeObject>(node);
  const inHand = metadata.annotations?.["kured.dev/maintenance"] !== undefined;
  return host.boots() > 1 && spec?.unschedulable !== true && !inHand;
}

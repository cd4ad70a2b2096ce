import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { observe, type Moment } from "../cases/observe.ts";
import { replicaRights, volumeRights } from "../cases/rights.ts";
import { addWorkload, onSite, siteProxy, startAgent, startCoordinator, type Site } from "../cases/site.ts";
import { untilVerdict } from "../cases/told.ts";
import { untilDone, untilReported } from "../cases/until.ts";
import { deployment, disruptionBudget, pod, type WorkloadObject } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor, waitForPods } from "../controlplane/waits.ts";

const { cluster, signal } = await suiteCluster();

const strict = ["--drain-feasibility=strict"];

suite("Before a drain", { concurrency: true }, () => {
  test("a pod that is too large for every other node keeps its node, where policy is strict, until one is large enough", async () => {
    await onSite({ cluster, name: "large", nodes: 2, signal }, async (site) => {
      const [node = "", other = ""] = site.nodes;
      await setSize(other, { cpu: "4" });
      const containers = [{ name: "idle", image: "pause", resources: { requests: { cpu: "8" } } }];
      await addWorkload(site, { replicas: 1, pod: { containers } });
      await assertKept(site, {
        node,
        says: /Pod large\/web-\S+ could run on no other node: 1 is too small for it\./,
        until: () => setSize(other, { cpu: "16" }),
      });
    });
  });

  test("a volume that only one zone reaches keeps its pod's node, where policy is strict, until another node is in that zone", async () => {
    const zones = ["zone-a", "zone-b"];
    const inZone = (index: number) => ({ zone: zones[index] ?? "" });
    await onSite({ cluster, name: "zoned", nodes: 2, signal, node: inZone }, async (site) => {
      const [node = "", other = ""] = site.nodes;
      await addZonedVolume(site, "zone-a");
      await createAll(cluster.admin, volumeRights(site.name));
      await assertKept(site, {
        node,
        says: /Pod zoned\/zoned-\S+ could run on no other node: 1 is out of reach of its volume\./,
        until: () => setLabels(other, { "topology.kubernetes.io/zone": "zone-a" }),
      });
    });
  });

  test("a coordinator that may not read budgets finds two on one pod by a dry run, and evicts nothing", async () => {
    await onSite({ cluster, name: "blind", nodes: 1, signal }, async (site) => {
      const [node = ""] = site.nodes;
      const labels = { app: "pair" };
      const two = ["one", "other"].map((name) =>
        disruptionBudget({ name, namespace: site.name, matchLabels: labels, minAvailable: 0 }),
      );
      await createAll(cluster.admin, [pod({ name: "pair", namespace: site.name, node, labels }), ...two]);
      await waitForPods(cluster.admin, { namespace: site.name, labelSelector: "app=pair", count: 1, signal });
      await site.grantCoordination();
      await forbidBudgets(site);
      const observation = await observe(site);
      const proxy = await startFleet(site, { nodes: [node] });
      await site.host(node).requireReboot();
      const says = /More than one PodDisruptionBudget covers pod blind\/pair, so the API server never evicts it/;
      await untilVerdict(site, { node, code: "DrainInfeasible", says, timeoutMs: 20_000 });
      const asked = proxy.requests().filter(({ path }) => path.includes("/eviction"));
      assert.deepEqual(
        asked.map(({ status, body }) => [status, body.includes('"dryRun":["All"]')]),
        [[500, true]],
      );
      assertUntouched(observation.moments(), node);
      observation.stop();
    });
  });

  test("a budget that closes for good during --drain-delay gives its node back untouched", async () => {
    await onSite({ cluster, name: "delayed", nodes: 1, signal }, async (site) => {
      const [node = ""] = site.nodes;
      await addWorkload(site, { replicas: 1, budget: { minAvailable: 0 } });
      const observation = await observe(site);
      await startFleet(site, { args: ["--drain-delay=12s"] });
      await site.host(node).requireReboot();
      const claimed = async (): Promise<boolean> => (await site.readLock()) !== undefined;
      await waitFor("the claim", claimed, { signal });
      const budget = { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: site.name } };
      await cluster.admin.patch(budget, { spec: { minAvailable: 1 } });
      const says = /The node is given back: .* PDB delayed\/web lets pod delayed\/web-\S+ never go: 1 of 1 healthy/;
      await untilVerdict(site, { node, code: "Closing", says, timeoutMs: 20_000 });
      assert.ok(observation.moments().every(({ nodes }) => nodes.get(node)?.cordoned !== true));
      observation.stop();
      await cluster.admin.patch(budget, { spec: { minAvailable: 0 } });
      await untilDone(site, { node, timeoutMs: 120_000 });
    });
  });
});

suite("After a drain", { concurrency: true }, () => {
  test("the node is rebooted at once and the next one waits until its pods are ready, where --ready-elsewhere=next wants it", async () => {
    await onSite({ cluster, name: "next", nodes: 3, signal }, async (site) => {
      const [first = "", second = "", third = ""] = site.nodes;
      const movable = { "test.kured.dev/movable": "yes" };
      await createAll(cluster.admin, replicaRights(site.name));
      await setLabels(first, movable);
      await addWorkload(site, { replicas: 1, pod: { nodeSelector: { ...movable, site: site.name } } });
      const observation = await observe(site);
      await startFleet(site, { nodes: [first, second], args: ["--ready-elsewhere=next"] });
      await site.host(first).requireReboot();
      const evicted = async (): Promise<boolean> => (await site.readNode(first)).spec?.unschedulable === true;
      await waitFor(`${first} to be cordoned`, evicted, { signal });
      await setLabels(first, { "test.kured.dev/movable": null });
      await site.host(second).requireReboot();
      const says = /the lock is kept for the replicas of next\/web-\S+ \(1 missing\)/;
      await untilVerdict(site, { node: first, code: "Closing", says, timeoutMs: 20_000 });
      assert.equal(site.host(first).boots(), 2);
      assert.notEqual((await site.readNode(first)).spec?.unschedulable, true);
      assertUntouched(observation.moments(), second);
      await setLabels(third, movable);
      await untilDone(site, { node: second, timeoutMs: 30_000 });
      const ready = observation
        .moments()
        .findIndex(({ pods }) => pods.some(({ app, node, healthy }) => app === "web" && node === third && healthy));
      assert.ok(ready > 0);
      assertUntouched(observation.moments().slice(0, ready), second);
      observation.stop();
    });
  });
});

interface Kept {
  readonly node: string;
  readonly says: RegExp;
  /** What makes its drain possible. */
  readonly until: () => Promise<void>;
}

async function assertKept(site: Site, { node, says, until }: Kept): Promise<void> {
  const observation = await observe(site);
  await startFleet(site, { nodes: [node], args: strict });
  await site.host(node).requireReboot();
  await untilVerdict(site, { node, code: "DrainInfeasible", says, timeoutMs: 20_000 });
  assertUntouched(observation.moments(), node);
  observation.stop();
  await until();
  await untilDone(site, { node, timeoutMs: 20_000 });
}

/**
 * A coordinator that sees this site only, and an agent on each of the nodes, all at rest. Answers what is between the
 * coordinator and the API server.
 */
async function startFleet(
  site: Site,
  { nodes = site.nodes, args = [] }: { readonly nodes?: readonly string[]; readonly args?: readonly string[] } = {},
) {
  const proxy = await siteProxy(site);
  await startCoordinator(site, { args, daemon: { port: proxy.port } });
  await Promise.all(nodes.map((node) => startAgent(site, { node })));
  await untilReported(site, { nodes, need: "notRequired" });
  return proxy;
}

/** At no moment was there a cordon, a record, or an entry in the lock. */
function assertUntouched(moments: readonly Moment[], node: string): void {
  for (const { nodes, holders } of moments) {
    const { cordoned, phase } = nodes.get(node) ?? {};
    const touched = [cordoned === true, phase, holders.includes(node)];
    assert.deepEqual(touched, [false, undefined, false], `${node} was touched`);
  }
}

async function setLabels(node: string, labels: Readonly<Record<string, string | null>>): Promise<void> {
  await cluster.admin.patch({ kind: "Node", metadata: { name: node } }, { metadata: { labels } });
}

async function setSize(node: string, allocatable: Readonly<Record<string, string>>): Promise<void> {
  await cluster.admin.patch(
    { kind: "Node", metadata: { name: node } },
    { status: { allocatable } },
    { subresource: "status" },
  );
}

/** A pod whose volume is bound to one zone, as those of cloud providers are. */
async function addZonedVolume({ name }: Site, zone: string): Promise<void> {
  const metadata = { name, namespace: name };
  const matchExpressions = [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }];
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: "" };
  const volume = {
    ...common,
    capacity: { storage: "1Gi" },
    csi: { driver: "disks.test.kured.dev", volumeHandle: name },
    claimRef: metadata,
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
  const claim = { ...common, volumeName: name, resources: { requests: { storage: "1Gi" } } };
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: name } }];
  const objects: readonly WorkloadObject[] = [
    { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec: volume },
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim },
    deployment({ name, namespace: name, replicas: 1, pod: { volumes, nodeSelector: { site: name } } }),
  ];
  await createAll(cluster.admin, objects);
  await waitForPods(cluster.admin, { namespace: name, labelSelector: `app=${name}`, count: 1, signal });
}

/** Takes the right to read budgets from the site's coordinator. */
async function forbidBudgets({ name }: Site): Promise<void> {
  const role = { kind: "ClusterRole", metadata: { name: `${name}-coordinator` } };
  const { rules } = await cluster.admin.get<WorkloadObject & { readonly rules: readonly { resources: string[] }[] }>(
    role,
  );
  const left = rules.filter(({ resources }) => !resources.includes("poddisruptionbudgets"));
  await cluster.admin.patch(role, { rules: left });
}

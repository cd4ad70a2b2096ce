import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { deployment, type WorkloadObject } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor, waitForPods } from "../controlplane/waits.ts";
import { evictionsOn } from "./evictions.ts";
import { observe, type Moment } from "./observe.ts";
import { volumeRights } from "./rights.ts";
import { addWorkload, onSite, siteProxy, startAgent, startCoordinator, type Site } from "./site.ts";
import { eventsOf, untilVerdict } from "./told.ts";
import { addPodUnderTwoBudgets, removeSecondBudget } from "./two-budgets.ts";
import { untilDone, untilReported } from "./until.ts";

const { cluster, signal } = await suiteCluster();

suite("A drain that cannot go well", { concurrency: true }, () => {
  test("is told with the pod, the budget and its numbers and never begun; the next node goes, and it itself when the budget changes", async () => {
    await onSite({ cluster, name: "never", nodes: 2, signal }, async (site) => {
      const [stuck = "", free = ""] = site.nodes;
      await addWorkload(site, { replicas: 2, pod: on(stuck), budget: { minAvailable: 2 } });
      const observation = await observe(site);
      await startFleet(site);
      await site.host(stuck).requireReboot();
      const says = /PDB never\/web lets pod never\/web-\S+ never go: 2 of 2 healthy, needs 2\./;
      await untilVerdict(site, { node: stuck, code: "DrainInfeasible", says });
      const events = await eventsOf(site, stuck);
      assert.deepEqual(
        events.filter(({ reason }) => reason === "DrainInfeasible").map(({ type }) => type),
        ["Warning"],
      );
      await site.host(free).requireReboot();
      await untilDone(site, { node: free, timeoutMs: 10_000 });
      assertUntouched(observation.moments(), stuck);
      assert.deepEqual(await evictionsOn(site), []);

      const openedAtMs = Date.now();
      await cluster.admin.patch(
        { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: site.name } },
        { spec: { minAvailable: 0 } },
      );
      const cordoned = async () => (await site.readNode(stuck)).spec?.unschedulable;
      await waitFor(`${stuck} to be cordoned`, cordoned, { signal, timeoutMs: 5_000 });
      const tookMs = Date.now() - openedAtMs;
      console.log(`the drain was begun ${tookMs} ms after the budget opened`);
      assert.ok(tookMs < 2_000, `the drain was begun ${tookMs} ms after the budget opened`);
      await untilDone(site, { node: stuck, timeoutMs: 10_000 });
      observation.stop();
    });
  });

  test("because of two budgets on one pod is begun as soon as one of them is gone", async () => {
    await onSite({ cluster, name: "twice", nodes: 1, signal }, async (site) => {
      const [node = ""] = site.nodes;
      await addPodUnderTwoBudgets(site, node);
      const observation = await observe(site);
      await startFleet(site);
      await site.host(node).requireReboot();
      const says = /Pod twice\/pair is covered by more than one PodDisruptionBudget \(twice\/o\w+, twice\/o\w+\)/;
      await untilVerdict(site, { node, code: "DrainInfeasible", says });
      assertUntouched(observation.moments(), node);
      await removeSecondBudget(site);
      await untilDone(site, { node, timeoutMs: 10_000 });
      observation.stop();
    });
  });

  test("because a pod is tied to its node by affinity is told of, and the node is rebooted all the same", async () => {
    await onSite({ cluster, name: "tied", nodes: 2, signal }, async (site) => {
      const node = await tiedNode(site);
      const coordinator = await startFleet(site, { nodes: [node] });
      await site.host(node).requireReboot();
      await coordinator.waitForLine(
        /tied-n1: A drain is begun in spite of 1 pod: Pod tied\/tied-\S+ could run on no other/,
      );
      await untilDone(site, { node, timeoutMs: 15_000 });
      const told = (await eventsOf(site, node)).filter(({ reason }) => reason === "DrainInfeasible");
      assert.deepEqual(
        told.map(({ type }) => type),
        ["Warning"],
      );
    });
  });

  test("because a volume ties a pod to its node is not begun where policy is strict, until the pod is not there any more", async () => {
    await onSite({ cluster, name: "strict", nodes: 2, signal }, async (site) => {
      const node = await nodeWithVolume(site);
      await createAll(cluster.admin, volumeRights(site.name));
      const observation = await observe(site);
      await startFleet(site, { nodes: [node], args: ["--drain-feasibility=strict"] });
      await site.host(node).requireReboot();
      const says = /Pod strict\/strict-\S+ could run on no other node: 1 is out of reach of its volume\./;
      await untilVerdict(site, { node, code: "DrainInfeasible", says });
      assertUntouched(observation.moments(), node);
      await cluster.admin.delete({ kind: "Deployment", metadata: { name: site.name, namespace: site.name } });
      await untilDone(site, { node, timeoutMs: 15_000 });
      observation.stop();
    });
  });
});

/** The site's first node, with a pod that may run on no other. */
async function tiedNode({ name, nodes }: Site): Promise<string> {
  const [node = ""] = nodes;
  const terms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }];
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
  await createAll(cluster.admin, [
    deployment({ name, namespace: name, replicas: 1, pod: { affinity: { nodeAffinity: required } } }),
  ]);
  await waitForPods(cluster.admin, { namespace: name, labelSelector: `app=${name}`, count: 1, signal });
  return node;
}

/** The site's first node, with a pod whose volume no other node reaches. */
async function nodeWithVolume({ name, nodes }: Site): Promise<string> {
  const [node = ""] = nodes;
  const metadata = { name, namespace: name };
  const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }];
  const common = { accessModes: ["ReadWriteOnce"], storageClassName: "" };
  const volume = {
    ...common,
    capacity: { storage: "1Gi" },
    local: { path: "/data" },
    claimRef: metadata,
    nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
  };
  const claim = { ...common, volumeName: name, resources: { requests: { storage: "1Gi" } } };
  const pod = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }] };
  const objects: readonly WorkloadObject[] = [
    { apiVersion: "v1", kind: "PersistentVolume", metadata: { name }, spec: volume },
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim },
    deployment({ name, namespace: name, replicas: 1, pod }),
  ];
  await createAll(cluster.admin, objects);
  await waitForPods(cluster.admin, { namespace: name, labelSelector: `app=${name}`, count: 1, signal });
  return node;
}

/** A Deployment's pods run on this node and nowhere else. */
function on(node: string) {
  return { nodeSelector: { "kubernetes.io/hostname": node } };
}

/** A coordinator that sees this site only, and an agent on each of the nodes, all at rest. */
async function startFleet(
  site: Site,
  { nodes = site.nodes, args = [] }: { readonly nodes?: readonly string[]; readonly args?: readonly string[] } = {},
) {
  const { port } = await siteProxy(site);
  const coordinator = await startCoordinator(site, { args, daemon: { port } });
  await Promise.all(nodes.map((node) => startAgent(site, { node })));
  await untilReported(site, { nodes, need: "notRequired" });
  return coordinator;
}

/** At no moment was there a cordon, a record, or an entry in the lock. */
function assertUntouched(moments: readonly Moment[], node: string): void {
  for (const { nodes, holders } of moments) {
    assert.ok(!holders.includes(node), `${node} was in the lock`);
    const { cordoned, phase } = nodes.get(node) ?? {};
    assert.deepEqual([cordoned === true, phase], [false, undefined], `${node} was touched`);
  }
}

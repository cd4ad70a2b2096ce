import assert from "node:assert/strict";
import { test } from "node:test";

import { rig, rigStartMs } from "../apiserver/fronts/rig.ts";
import type { Caller, Reply } from "../apiserver/fronts/caller.ts";
import { at, listAt, textAt } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import type { ApiServer } from "../apiserver/server.ts";
import { Cluster } from "./cluster.ts";
import { conditionStatus } from "./conditions.ts";

interface World {
  readonly cluster: Cluster;
  readonly server: ApiServer;
  readonly call: Caller;
  /** Lets time pass in steps of a tenth of a second. */
  pass(ms: number): void;
}

function world(nodes: readonly string[] = ["n1", "n2", "n3"]): World {
  let nowMs = rigStartMs;
  const { server, call, advance } = rig();
  const cluster = new Cluster({ server, clock: () => nowMs });
  for (const name of nodes) cluster.addNode(name, { zone: `zone-${name}` });
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      nowMs += 100;
      advance(100);
      cluster.step();
    }
  };
  return { cluster, server, call, pass };
}

function budget({ server }: World): KubeObject {
  const [found] = server.objects("poddisruptionbudgets", { group: "policy" });
  assert.ok(found !== undefined);
  return found;
}

function readyNodesOf({ server }: World, app: string): readonly string[] {
  return server
    .objects("pods")
    .filter((pod) => at(pod, "metadata", "labels", "app") === app && conditionStatus(pod, "Ready") === "True")
    .map((pod) => textAt(pod, "spec", "nodeName") ?? "")
    .toSorted();
}

function evictFirst({ cluster, call }: World, node: string): Promise<Reply> {
  const [pod] = cluster.podsOn(node);
  assert.ok(pod !== undefined);
  return call.post(`/api/v1/namespaces/default/pods/${pod.metadata.name}/eviction`, {
    metadata: { name: pod.metadata.name },
  });
}

test("A workload's pods are spread over the nodes and become ready after a while", () => {
  const scene = world();
  scene.cluster.addWorkload("web", { replicas: 3 });
  scene.pass(1000);
  assert.deepEqual(readyNodesOf(scene, "web"), []);
  scene.pass(3000);
  assert.deepEqual(readyNodesOf(scene, "web"), ["n1", "n2", "n3"]);
  const [deployment] = scene.server.objects("deployments", { group: "apps" });
  assert.equal(at(deployment, "status", "readyReplicas"), 3);
});

test("A budget counts, refuses while a pod is missing, and allows again when its replacement is ready", async () => {
  const scene = world();
  scene.cluster.addWorkload("web", { replicas: 3, budget: { minAvailable: 2 } });
  scene.pass(4000);
  assert.equal(at(budget(scene), "status", "disruptionsAllowed"), 1);
  scene.cluster.admin.merge("/api/v1/nodes/n1", { spec: { unschedulable: true } });
  assert.equal((await evictFirst(scene, "n1")).status, 201);
  scene.pass(100);
  const refused = await evictFirst(scene, "n2");
  assert.equal(refused.status, 429);
  assert.equal(
    at(listAt(refused.body, "details", "causes")[0], "message"),
    "The disruption budget web needs 2 healthy pods and has 2 currently",
  );
  scene.pass(4000);
  assert.equal(at(budget(scene), "status", "disruptionsAllowed"), 1);
  assert.deepEqual(scene.cluster.podsOn("n1"), [], "nothing comes back to a cordoned node");
  assert.equal(readyNodesOf(scene, "web").length, 3);
});

for (const [given, desired] of [
  [{ minAvailable: 4 }, 4],
  [{ minAvailable: "50%" }, 3],
  [{ maxUnavailable: 1 }, 4],
  [{ maxUnavailable: "30%" }, 3],
  [{ maxUnavailable: 0 }, 5],
] as const) {
  test(`A budget of ${JSON.stringify(given)} on five pods needs ${desired} healthy ones`, () => {
    const scene = world();
    scene.cluster.addWorkload("web", { replicas: 5, budget: given });
    scene.pass(4000);
    assert.deepEqual(
      [at(budget(scene), "status", "desiredHealthy"), at(budget(scene), "status", "disruptionsAllowed")],
      [desired, 5 - desired],
    );
  });
}

test("A machine that is off makes its node not ready after a while, and a new boot makes it ready again", () => {
  const scene = world();
  scene.cluster.addDaemonSet("kured", { namespace: "kube-system" });
  scene.cluster.addWorkload("web", { replicas: 3, budget: { minAvailable: 2 } });
  scene.pass(4000);
  const node = (): KubeObject | undefined =>
    scene.server.objects("nodes").find(({ metadata }) => metadata.name === "n1");
  scene.cluster.powerOff("n1");
  scene.pass(4000);
  assert.equal(conditionStatus(node() ?? {}, "Ready"), "True", "not yet noticed");
  scene.pass(2000);
  assert.equal(conditionStatus(node() ?? {}, "Ready"), "Unknown");
  assert.equal(at(budget(scene), "status", "currentHealthy"), 2);
  assert.match(JSON.stringify(at(node(), "spec", "taints")), /unreachable/);
  const before = scene.cluster.podsOn("n1").map(({ metadata }) => metadata.uid);
  scene.cluster.powerOn("n1", { bootId: "second" });
  scene.pass(4000);
  assert.equal(conditionStatus(node() ?? {}, "Ready"), "True");
  assert.equal(at(node(), "status", "nodeInfo", "bootID"), "second");
  assert.equal(at(node(), "spec", "taints"), undefined);
  assert.deepEqual(
    scene.cluster.podsOn("n1").map(({ metadata }) => metadata.uid),
    before,
    "the same pods, started again",
  );
  assert.equal(at(budget(scene), "status", "currentHealthy"), 3);
});

test("A daemon has one pod on every node, cordoned or not, and a new one when its pod is deleted", () => {
  const scene = world();
  scene.cluster.admin.merge("/api/v1/nodes/n2", { spec: { unschedulable: true } });
  scene.cluster.addDaemonSet("kured");
  scene.pass(4000);
  const [old] = scene.cluster.podsOn("n2");
  assert.ok(old !== undefined);
  assert.deepEqual(
    listAt(old, "metadata", "ownerReferences").map((owner) => at(owner, "kind")),
    ["DaemonSet"],
  );
  scene.cluster.admin.stop(`/api/v1/namespaces/default/pods/${old.metadata.name}`);
  scene.pass(1000);
  const now = scene.cluster.podsOn("n2");
  assert.equal(now.length, 1);
  assert.notEqual(now[0]?.metadata.uid, old.metadata.uid);
  scene.cluster.addNode("n4");
  scene.cluster.removeNode("n1");
  scene.pass(4000);
  assert.deepEqual([scene.cluster.podsOn("n1").length, scene.cluster.podsOn("n4").length], [0, 1]);
});

test("Pods wait where there is no room, no toleration or no node that is wanted", () => {
  const scene = world([]);
  scene.cluster.addNode("small", { room: 1 });
  scene.cluster.addNode("control", { controlPlane: true });
  scene.cluster.addWorkload("web", { replicas: 2 });
  scene.cluster.addWorkload("picky", { replicas: 1, podSpec: { nodeSelector: { disk: "ssd" } } });
  scene.cluster.addWorkload("tolerant", {
    replicas: 1,
    podSpec: { tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] },
  });
  scene.pass(4000);
  assert.deepEqual(
    [readyNodesOf(scene, "web"), readyNodesOf(scene, "picky"), readyNodesOf(scene, "tolerant")],
    [["small"], [], ["control"]],
  );
});

test("A deleted pod takes its time, but no longer than its grace period", () => {
  const scene = world(["n1"]);
  scene.cluster.addWorkload("web", { replicas: 1 });
  scene.pass(4000);
  const [pod] = scene.cluster.podsOn("n1");
  assert.ok(pod !== undefined);
  scene.cluster.admin.merge("/api/v1/nodes/n1", { spec: { unschedulable: true } });
  scene.cluster.admin.stop(`/api/v1/namespaces/default/pods/${pod.metadata.name}`);
  scene.pass(300);
  assert.equal(scene.cluster.podsOn("n1").length, 1);
  scene.pass(300);
  assert.equal(scene.cluster.podsOn("n1").length, 0);
});

test("A cluster in which nothing happens writes nothing", () => {
  const scene = world();
  scene.cluster.addWorkload("web", { replicas: 2, budget: { maxUnavailable: 1 } });
  scene.pass(5000);
  const before = scene.server.resourceVersion;
  scene.pass(5000);
  assert.equal(scene.server.resourceVersion, before);
});

test("A workload that is scaled down loses the pods that serve nobody first", () => {
  const scene = world();
  scene.cluster.addWorkload("web", { replicas: 2 });
  scene.pass(4000);
  const path = "/apis/apps/v1/namespaces/default/deployments/web";
  scene.cluster.admin.merge(path, { spec: { replicas: 3 } });
  scene.pass(100);
  scene.cluster.admin.merge(path, { spec: { replicas: 2 } });
  scene.pass(1000);
  assert.equal(readyNodesOf(scene, "web").length, 2);
  assert.equal(scene.server.objects("pods").length, 2);
});

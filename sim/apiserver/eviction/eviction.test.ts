import assert from "node:assert/strict";
import { test } from "node:test";

import { rig } from "../fronts/rig.ts";
import type { Rig } from "../fronts/rig.ts";
import type { Reply } from "../fronts/caller.ts";
import { at, listAt, textAt } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";

const pods = "/api/v1/namespaces/default/pods";
const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

/** A running, ready pod on a node, and no budget. */
async function withPod(
  status: JsonObject = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
): Promise<Rig> {
  const made = rig();
  await made.call.post(pods, { metadata: { name: "web", labels: { app: "web" } }, spec: { nodeName: "n1" } });
  await made.call.patch(`${pods}/web/status`, { kind: "merge", body: { status } });
  return made;
}

async function addBudget(
  { call }: Rig,
  {
    name = "web",
    status,
    spec = {},
  }: { readonly name?: string; readonly status?: JsonObject; readonly spec?: JsonObject },
): Promise<void> {
  await call.post(budgets, { metadata: { name }, spec: { selector: { matchLabels: { app: "web" } }, ...spec } });
  if (status !== undefined) {
    await call.patch(`${budgets}/${name}/status`, {
      kind: "merge",
      body: { status: { observedGeneration: 1, ...status } },
    });
  }
}

function evict({ call }: Rig, deleteOptions: JsonObject = {}): Promise<Reply> {
  return call.post(`${pods}/web/eviction`, {
    kind: "Eviction",
    apiVersion: "policy/v1",
    metadata: { name: "web", namespace: "default" },
    deleteOptions,
  });
}

function cause({ body }: Reply): Json | undefined {
  return listAt(body, "details", "causes")[0];
}

const full = { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2, expectedPods: 2 };

test("A pod without a budget is evicted: marked, told when to end, and answered 201 Success", async () => {
  const scene = await withPod();
  const evicted = await evict(scene, { gracePeriodSeconds: 10 });
  assert.deepEqual([evicted.status, at(evicted.body, "status"), at(evicted.body, "code")], [201, "Success", 201]);
  const { body } = await scene.call.get(`${pods}/web`);
  assert.equal(at(body, "metadata", "deletionTimestamp"), "2026-01-01T12:00:10Z");
  assert.equal(at(listAt(body, "status", "conditions").at(-1), "type"), "DisruptionTarget");
});

test("A budget that allows a disruption is charged for it until its controller has seen the pod go", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: { ...full, disruptionsAllowed: 1, currentHealthy: 3 } });
  assert.equal((await evict(scene)).status, 201);
  const { body } = await scene.call.get(`${budgets}/web`);
  assert.equal(at(body, "status", "disruptionsAllowed"), 0);
  assert.deepEqual(at(body, "status", "disruptedPods"), { web: "2026-01-01T12:00:00Z" });
  // It was the last one, so the budget says that it is closed.
  assert.deepEqual(
    listAt(body, "status", "conditions").map((one) => [at(one, "type"), at(one, "status"), at(one, "reason")]),
    [["DisruptionAllowed", "False", "InsufficientPods"]],
  );
});

test("A budget with nothing left refuses with its numbers, and without a hint about when to ask again", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: full });
  const refused = await evict(scene);
  assert.equal(refused.status, 429);
  assert.equal(refused.headers["retry-after"], undefined);
  assert.equal(at(refused.body, "reason"), "TooManyRequests");
  assert.equal(at(refused.body, "message"), "Cannot evict pod as it would violate the pod's disruption budget.");
  assert.deepEqual(cause(refused), {
    reason: "DisruptionBudget",
    message: "The disruption budget web needs 2 healthy pods and has 2 currently",
  });
});

test("A budget that was just charged has enough healthy pods on paper, so the refusal gives no numbers", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: { ...full, currentHealthy: 3 } });
  assert.equal(
    at(cause(await evict(scene)), "message"),
    "The disruption budget web does not allow evicting pods currently",
  );
});

test("A budget whose controller could not work it out says why", async () => {
  const scene = await withPod();
  const condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message: "no controller" };
  await addBudget(scene, { status: { ...full, conditions: [condition] } });
  assert.match(textAt(cause(await evict(scene)), "message") ?? "", /because it failed sync: no controller$/);
});

test("A budget that its controller has not seen yet asks for ten seconds", async () => {
  const scene = await withPod();
  await addBudget(scene, {});
  const refused = await evict(scene);
  assert.deepEqual([refused.status, refused.headers["retry-after"]], [429, "10"]);
  assert.equal(at(cause(refused), "message"), "The disruption budget web is still being processed by the server.");
});

test("Two budgets on one pod are a failure of the server, not a refusal", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: { ...full, disruptionsAllowed: 1 } });
  await addBudget(scene, { name: "other", status: { ...full, disruptionsAllowed: 1 } });
  const failed = await evict(scene);
  assert.equal(failed.status, 500);
  assert.equal(
    at(failed.body, "message"),
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
  );
  assert.equal(at(failed.body, "reason"), undefined);
});

test("A budget in a broken state forbids", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: { ...full, disruptionsAllowed: -1 } });
  assert.equal((await evict(scene)).status, 403);
  const disruptedPods = Object.fromEntries(
    Array.from({ length: 2001 }, (_, index) => [`p${index}`, "2026-01-01T00:00:00Z"]),
  );
  const crowded = await withPod();
  await addBudget(crowded, { status: { ...full, disruptionsAllowed: 1, disruptedPods } });
  assert.equal((await evict(crowded)).status, 403);
});

for (const phase of ["Pending", "Succeeded", "Failed"]) {
  test(`A ${phase} pod is evicted whatever its budget says`, async () => {
    const scene = await withPod({ phase });
    await addBudget(scene, { status: full });
    assert.equal((await evict(scene)).status, 201);
  });
}

test("A pod that is already ending is evicted whatever its budget says", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: full });
  await scene.call.delete(`${pods}/web`);
  assert.equal((await evict(scene)).status, 201);
});

test("An unready pod may go when its application is healthy, or when its budget does not care", async () => {
  const unready = { phase: "Running", conditions: [{ type: "Ready", status: "False" }] };
  const healthy = await withPod(unready);
  await addBudget(healthy, { status: full });
  assert.equal((await evict(healthy)).status, 201);
  const ailing = await withPod(unready);
  await addBudget(ailing, { status: { ...full, currentHealthy: 1 } });
  assert.equal((await evict(ailing)).status, 429);
  const careless = await withPod(unready);
  await addBudget(careless, {
    status: { ...full, currentHealthy: 1 },
    spec: { unhealthyPodEvictionPolicy: "AlwaysAllow" },
  });
  assert.equal((await evict(careless)).status, 201);
});

test("A version that an eviction names counts, except for a pod that goes because it is not ready", async () => {
  const options = { preconditions: { resourceVersion: "1" } };
  assert.equal((await evict(await withPod(), options)).status, 409);
  const unready = await withPod({ phase: "Running", conditions: [{ type: "Ready", status: "False" }] });
  await addBudget(unready, { status: full });
  assert.equal((await evict(unready, options)).status, 201);
});

test("An eviction that names another uid answers 409 and leaves the pod alone", async () => {
  const scene = await withPod();
  const refused = await evict(scene, { preconditions: { uid: "other" } });
  assert.deepEqual([refused.status, at(refused.body, "reason")], [409, "Conflict"]);
  assert.equal(at((await scene.call.get(`${pods}/web`)).body, "metadata", "deletionTimestamp"), undefined);
  const uid = at((await scene.call.get(`${pods}/web`)).body, "metadata", "uid") ?? "";
  assert.equal((await evict(scene, { preconditions: { uid } })).status, 201);
});

test("A dry run of an eviction asks the budget and charges nothing", async () => {
  const scene = await withPod();
  await addBudget(scene, { status: { ...full, disruptionsAllowed: 1 } });
  const before = scene.server.resourceVersion;
  assert.equal((await evict(scene, { dryRun: ["All"] })).status, 201);
  assert.equal(scene.server.resourceVersion, before);
  await scene.call.patch(`${budgets}/web/status`, { kind: "merge", body: { status: { disruptionsAllowed: 0 } } });
  assert.equal((await evict(scene, { dryRun: ["All"] })).status, 429);
});

test("An eviction of a missing pod, of another name, or in an ending namespace is refused", async () => {
  const scene = await withPod();
  assert.equal((await scene.call.post(`${pods}/none/eviction`, { metadata: { name: "none" } })).status, 404);
  assert.equal((await scene.call.post(`${pods}/web/eviction`, { metadata: { name: "other" } })).status, 400);
  await scene.call.delete("/api/v1/namespaces/default");
  const ending = await evict(scene);
  assert.equal(ending.status, 403);
  assert.deepEqual(cause(ending), {
    reason: "NamespaceTerminating",
    message: "namespace default is being terminated",
    field: "metadata.namespace",
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { at, objectsIn, rendered } from "./renders.ts";

// What the coordinator may do more because of an option, and may not without it.

const { signal } = new AbortController();

interface Row {
  readonly what: string;
  readonly values: object;
  readonly granted: boolean;
}

const deletions: readonly Row[] = [
  { what: "without an option of a drain's end", values: {}, granted: false },
  { what: "with an end that gives up", values: { configuration: { drainTimeoutAction: "abort" } }, granted: false },
  { what: "with an end that forces", values: { configuration: { drainTimeoutAction: "force" } }, granted: false },
  { what: "with an end that deletes", values: { configuration: { drainTimeoutAction: "delete" } }, granted: true },
  { what: "with the flag of one", values: { extraArgs: { "drain-timeout-action": "delete" } }, granted: true },
  { what: "with a hard end", values: { configuration: { drainHardEnd: "30m" } }, granted: true },
  { what: "with a hard end that is none", values: { configuration: { drainHardEnd: "0s" } }, granted: false },
];

for (const { what, values, granted } of deletions) {
  test(`${what} the coordinator may ${granted ? "" : "not "}delete pods`, async () => {
    const verbs = await verbsOn("pods", values);
    assert.deepEqual(verbs, ["get", "list", "watch", ...(granted ? ["delete"] : [])]);
  });
}

test("the coordinator may list VolumeAttachments only where it is to wait for them", async () => {
  assert.deepEqual(await verbsOn("volumeattachments", {}), []);
  assert.deepEqual(await verbsOn("volumeattachments", { configuration: { volumeDetachTimeout: "0s" } }), []);
  assert.deepEqual(await verbsOn("volumeattachments", { configuration: { volumeDetachTimeout: "5m" } }), ["list"]);
});

test("the coordinator may read volumes and their claims only where pods that they tie to a node keep it from being drained", async () => {
  for (const kind of ["persistentvolumes", "persistentvolumeclaims"]) {
    assert.deepEqual(await verbsOn(kind, {}), []);
    assert.deepEqual(await verbsOn(kind, { configuration: { drainFeasibility: "block" } }), []);
    assert.deepEqual(await verbsOn(kind, { configuration: { drainFeasibility: "strict" } }), ["get"]);
  }
});

test("the coordinator may read the owners of pods only where something is to wait for their replicas", async () => {
  for (const kind of ["replicasets", "statefulsets", "replicationcontrollers"]) {
    assert.deepEqual(await verbsOn(kind, { configuration: { readyElsewhere: "off" } }), []);
    assert.deepEqual(await verbsOn(kind, { configuration: { readyElsewhere: "next" } }), ["get"]);
  }
});

/** What the coordinator may do in all namespaces with objects of this kind. */
async function verbsOn(resource: string, values: object): Promise<readonly string[]> {
  const json = Object.entries(values).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
  const argv = ["--set", "mode=coordinated", ...json];
  const objects = objectsIn(await rendered({ name: "rights", argv }, { signal }));
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "kured-coordinator");
  const rules = at(role, "rules") as readonly { readonly resources: readonly string[]; readonly verbs: string[] }[];
  return rules.flatMap(({ resources, verbs }) => (resources.includes(resource) ? verbs : []));
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { rightsOf } from "../../sim/world/access/rights.ts";
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

test("a coordinator of the simulator is given what the chart gives it with each of these options", async () => {
  const flags = {
    drainHardEnd: "--drain-hard-end=30m",
    drainFeasibility: "--drain-feasibility=strict",
    volumeDetachTimeout: "--volume-detach-timeout=5m",
    readyElsewhere: "--ready-elsewhere=next",
  };
  const configuration = Object.fromEntries(
    Object.entries(flags).map(([option, flag]) => [option, flag.split("=")[1] ?? ""]),
  );
  const told = (grants: readonly string[]): readonly string[] => [...new Set(grants)].toSorted();
  const rules = await clusterRules({ configuration });
  const given = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`))),
  );
  const simulated = rightsOf("coordinator", Object.values(flags))
    .filter(({ namespace }) => namespace === undefined)
    .flatMap(({ group, resource, verbs }) => verbs.map((verb) => `${verb} ${group}/${resource}`));
  assert.deepEqual(told(simulated), told(given));
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the coordinator may do in all namespaces with objects of this kind. */
async function verbsOn(resource: string, values: object): Promise<readonly string[]> {
  const rules = await clusterRules(values);
  return rules.flatMap(({ resources, verbs }) => (resources.includes(resource) ? verbs : []));
}

async function clusterRules(values: object): Promise<readonly Rule[]> {
  const json = Object.entries(values).flatMap(([key, value]) => ["--set-json", `${key}=${JSON.stringify(value)}`]);
  const argv = ["--set", "mode=coordinated", ...json];
  const objects = objectsIn(await rendered({ name: "rights", argv }, { signal }));
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "kured-coordinator");
  return at(role, "rules") as readonly Rule[];
}

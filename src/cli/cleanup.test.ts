import assert from "node:assert/strict";
import { test } from "node:test";
import { fleet, locked, recorded, reported, told, type Fleet } from "../../test/cli/fleet.ts";
import type { KubeObject } from "../../sim/apiserver/objects/object.ts";
import { cleanup, type CleanupParts } from "./cleanup.ts";

const leasePath = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kured";
const queued = told([{ code: "Queued", ahead: 1 }]);

function look(cluster: Fleet, name: string): KubeObject {
  const node = cluster.admin.get(`/api/v1/nodes/${name}`);
  assert.ok(node);
  return node;
}

test("what an uninstalled kured has left is taken off: cordon, record, report, verdict, labels, taint and Lease", async () => {
  const cluster = fleet();
  const label = { key: "pool", set: "draining", was: "web" };
  const taint = { key: "kured/waits", effect: "PreferNoSchedule" };
  const theirs = { key: "gpu", value: "yes", effect: "NoSchedule" };
  const marks = { "weave.works/kured-reboot-in-progress": "2026-01-01T11:00:00Z", other: "stays" };
  cluster.node(
    "n1",
    { ...reported(), ...recorded({ labels: [label] }), ...queued, ...marks },
    { cordoned: true, labels: { pool: "draining" }, taints: [taint, theirs] },
  );
  cluster.node("n2", reported());
  cluster.lease({ holder: "" });
  const end = await cluster.run(cleanup, "cleanup", "--prefer-no-schedule-taint=kured/waits");
  assert.deepEqual(end, {
    kind: "shown",
    text: `n1: uncordoned; kured.dev/maintenance, kured.dev/report, kured.dev/verdict, weave.works/kured-reboot-in-progress, label pool, taint kured/waits taken off
n2: kured.dev/report taken off
Lease kube-system/kured: deleted
`,
  });
  const { metadata, ...rest } = look(cluster, "n1");
  assert.deepEqual(metadata.annotations, { other: "stays" });
  assert.deepEqual(metadata["labels"], { pool: "web" });
  assert.deepEqual(rest["spec"], { taints: [theirs] });
  assert.equal(cluster.admin.get(leasePath), undefined);
  assert.deepEqual(await cluster.run(cleanup, "cleanup"), { kind: "shown", text: "Nothing was left behind.\n" });
});

test("what people have written stays: their cordons, pauses and holds, and labels that they have changed since", async () => {
  const cluster = fleet();
  const theirs = { "kured.dev/pause": "{}", "kured.dev/hold": "{}" };
  const labels = [{ key: "pool", set: "draining", was: "web" }];
  cluster.node(
    "n1",
    { ...recorded({ cordon: "theirs", labels }), ...theirs },
    { cordoned: true, labels: { pool: "db" } },
  );
  cluster.node("n2", theirs, { cordoned: true });
  await cluster.run(cleanup, "cleanup");
  for (const name of ["n1", "n2"]) {
    const node = look(cluster, name);
    assert.deepEqual(node.metadata.annotations, theirs);
    assert.deepEqual(node["spec"], { unschedulable: true });
  }
  assert.deepEqual(look(cluster, "n1").metadata["labels"], { pool: "db" });
});

test("a node that another installation works on is left alone", async () => {
  const cluster = fleet();
  cluster.node("n1", { ...reported(), ...recorded({ owner: "other/kured" }), ...queued }, { cordoned: true });
  const end = await cluster.run(cleanup, "cleanup");
  assert.deepEqual(end, { kind: "shown", text: "Nothing was left behind.\n" });
  assert.deepEqual(look(cluster, "n1")["spec"], { unschedulable: true });
});

test("while the DaemonSet is there nothing is touched, because its daemons would write everything again", async () => {
  const cluster = fleet();
  cluster.daemonSet(locked({ nodeID: "n1" }));
  cluster.node("n1", recorded(), { cordoned: true });
  const end = await cluster.run(cleanup, "cleanup");
  assert.ok(end.kind === "failed");
  assert.match(end.sentence, /^The DaemonSet kube-system\/kured is still there, .*: uninstall kured first$/);
  assert.deepEqual(look(cluster, "n1")["spec"], { unschedulable: true });
});

test("the Lease of a coordinator that was killed is deleted when its time is over, one that is renewed stays", async () => {
  const cluster = fleet();
  cluster.lease();
  const renewing = ({ clock, ...parts }: CleanupParts) => {
    const sleep: typeof clock.sleep = async (durationMs, options) => {
      await clock.sleep(durationMs, options);
      const renewTime = new Date(clock.now().wallMs).toISOString().replace("Z", "000Z");
      cluster.admin.merge(leasePath, { spec: { renewTime } });
    };
    return cleanup({ ...parts, clock: { ...clock, sleep } });
  };
  assert.deepEqual(await cluster.run(renewing, "cleanup"), {
    kind: "shown",
    text: "Lease kube-system/kured: left as it is, because kured-7d4f-x2x9p renews it\n",
  });
  assert.deepEqual(await cluster.run(cleanup, "cleanup"), {
    kind: "shown",
    text: "Lease kube-system/kured: deleted\n",
  });
});

test("a record that cannot be read is left as it is, and told", async () => {
  const cluster = fleet();
  const annotations = { "kured.dev/maintenance": "{}", ...reported() };
  cluster.node("n1", annotations, { cordoned: true });
  const end = await cluster.run(cleanup, "cleanup");
  assert.deepEqual(end, { kind: "shown", text: "n1: left as it is, because its record cannot be read\n" });
  assert.deepEqual(look(cluster, "n1").metadata.annotations, annotations);
});

test("a report that the agent of another installation writes again is left to it", async () => {
  const cluster = fleet();
  cluster.node("n1", reported());
  const besideAnother = ({ clock, ...parts }: CleanupParts) => {
    const sleep: typeof clock.sleep = async (durationMs, options) => {
      await clock.sleep(durationMs, options);
      cluster.admin.merge("/api/v1/nodes/n1", { metadata: { annotations: reported() } });
    };
    return cleanup({ ...parts, clock: { ...clock, sleep } });
  };
  const end = await cluster.run(besideAnother, "cleanup");
  assert.deepEqual(end, { kind: "shown", text: "n1: kured.dev/report taken off\n" });
  assert.deepEqual(look(cluster, "n1").metadata.annotations, reported());
});

test("a node that may not be changed is named, with what the API server says, and the others do not wait for it", async () => {
  const cluster = fleet({ authorize: ({ verb, name }) => verb !== "patch" || name !== "n1" });
  cluster.node("n1", reported());
  cluster.node("n2", recorded(), { cordoned: true });
  const end = await cluster.run(cleanup, "cleanup");
  assert.ok(end.kind === "failed");
  assert.match(
    end.sentence,
    /^Node n1 could not be changed at https:.*cannot patch.*\. What was done: n2: uncordoned;/,
  );
  assert.deepEqual(look(cluster, "n2")["spec"], {});
});

for (const verb of ["get", "delete"]) {
  test(`a Lease that we may not ${verb} is named, with what the API server says, and the nodes are cleaned all the same`, async () => {
    const cluster = fleet({ authorize: (access) => access.resource !== "leases" || access.verb !== verb });
    cluster.node("n1", recorded(), { cordoned: true });
    cluster.lease({ holder: "" });
    const end = await cluster.run(cleanup, "cleanup");
    assert.ok(end.kind === "failed");
    const refused = `could not be deleted at https:.*cannot ${verb}.*`;
    assert.match(end.sentence, new RegExp(`^Lease kube-system/kured ${refused}\\. What was done: n1: uncordoned;`));
    assert.deepEqual(look(cluster, "n1")["spec"], {});
    assert.ok(cluster.admin.get(leasePath));
  });
}

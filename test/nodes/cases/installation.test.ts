import assert from "node:assert/strict";
import test from "node:test";
import { publishedManifest } from "../../cases/manifests/published.ts";
import { findHelm } from "../../chart/helm.ts";
import type { NodeObject, PodObject } from "../../controlplane/objects.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { createAll, waitForPods } from "../../controlplane/waits.ts";
import { packageVersion } from "../../../tools/bundle.ts";
import { install, untilRolledOut } from "../stand/install.ts";
import { assertRebootedInPeace } from "../stand/peace.ts";
import { assertOneBoot, bootCounts, bootIds, getNode, requireReboot, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";
import { untilPhase } from "../stand/told.ts";
import { startApplication } from "../stand/workload.ts";

const { rig, signal } = await suiteRig();

const image = `ghcr.io/kubereboot/kured:${packageVersion()}`;

test("the chart's agents tolerate everything and come first, its coordinators are two on two nodes", async () => {
  const taint = { key: "example.com/broken", effect: "NoExecute" } as const;
  await rig.admin.patch({ kind: "Node", metadata: { name: "n3" } }, { spec: { taints: [taint] } });
  await install(rig, { signal });
  const pods = await rig.admin.list<PodObject>({ kind: "Pod", namespace: "kube-system" });
  const coordinators = pods.filter(({ metadata }) => metadata.name.startsWith("kured-coordinator-"));
  const agents = pods.filter((pod) => !coordinators.includes(pod));
  const nodesOf = (some: readonly PodObject[]): readonly string[] => some.map(({ spec }) => spec.nodeName ?? "").sort();
  assert.deepEqual(nodesOf(agents), ["n1", "n2", "n3"]);
  assert.deepEqual(nodesOf(coordinators), ["n1", "n2"]);
  assert.deepEqual([...new Set(agents.map(({ spec }) => spec.priorityClassName))], ["system-node-critical"]);
  assert.deepEqual([...new Set(coordinators.map(({ spec }) => spec.priorityClassName))], ["system-cluster-critical"]);
});

test("what the manifest of kured 1.13 installed reboots a node with our image, though it mounts no folder of the sentinel", async () => {
  const objects = publishedManifest("1.13.0", { args: ["--period=5s"] }).objects;
  await createAll(
    rig.admin,
    JSON.parse(JSON.stringify(objects).replaceAll(/"image":"[^"]*"/g, `"image":"${image}"`)) as readonly KubeObject[],
  );
  await waitForPods(rig.admin, { namespace: "kube-system", labelSelector: "name=kured", count: 3, signal });
  await assertRebootedInPeace(rig, { signal });
});

test("the values of chart 2.2.0, with what it asks of the outside world left out, reboot a node", async () => {
  const set = {
    "image.tag": packageVersion(),
    "configuration.prometheusUrl": "",
    "configuration.slackHookUrl": "",
    "configuration.startTime": "0:00",
    "configuration.endTime": "23:59:59",
    "configuration.rebootDays": "{sun,mon,tue,wed,thu,fri,sat}",
  };
  await install(rig, { mode: "classic", set, argv: ["--values=test/chart/values/chart-2.2.0.yaml"], signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await requireReboot(rig, ["n2"]);
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await assertOneBoot(rig, boots);
});

for (const [what, from, to] of [
  ["a rolling update of the agents and coordinators", "coordinated", "coordinated"],
  ["a rolling update of the classic daemons", "classic", "classic"],
] as const) {
  test(`${what} while a node is drained does not keep it from being rebooted once and given back`, async () => {
    await install(rig, { mode: from, signal });
    await startApplication(rig, { replicas: 3, endsAfter: 15, signal });
    const before = await bootIds(rig);
    const boots = await bootCounts(rig);
    await requireReboot(rig, ["n2"]);
    await untilPhase(rig, { node: "n2", phase: "draining", signal });
    await install(rig, { mode: to, set: { "podAnnotations.again": "yes" }, wait: false, signal });
    await untilRebooted(rig, { before, nodes: ["n2"], signal });
    await untilRolledOut(rig, { signal });
    await assertOneBoot(rig, boots);
  });
}

test("from kured's own classic manifest to the coordinated chart while a node is drained: it is rebooted once and given back", async () => {
  await rig.run(["kubectl", "apply", "--filename=manifests/classic.yaml"]);
  await untilRolledOut(rig, { signal });
  await startApplication(rig, { replicas: 3, endsAfter: 15, signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await requireReboot(rig, ["n2"]);
  await untilPhase(rig, { node: "n2", phase: "draining", signal });
  await install(rig, { argv: ["--take-ownership", "--force-conflicts"], wait: false, signal });
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await untilRolledOut(rig, { signal });
  await assertOneBoot(rig, boots);
});

for (const when of ["after a reboot", "in the middle of a drain"]) {
  test(`helm uninstall ${when} leaves nothing behind: no cordon, no taint, no annotation, no object`, async () => {
    await install(rig, { signal });
    await startApplication(rig, { replicas: 3, endsAfter: 15, signal });
    const before = await bootIds(rig);
    await requireReboot(rig, ["n2"]);
    if (when === "after a reboot") await untilRebooted(rig, { before, nodes: ["n2"], signal });
    else await untilPhase(rig, { node: "n2", phase: "draining", signal });
    const helm = await findHelm({ log: () => undefined, signal });
    await rig.run([helm, "uninstall", "kured", "--namespace=kube-system"]);
    for (const node of rig.nodes) {
      const { spec } = await getNode(rig, node);
      assert.notEqual(spec?.unschedulable, true, `${node} is cordoned`);
      assert.deepEqual(spec?.taints ?? [], []);
    }
    assert.deepEqual(await leftOvers(), []);
  });
}

/** All that bears kured's name: objects, and annotations and labels of Nodes. */
async function leftOvers(): Promise<readonly string[]> {
  const kinds = [
    "DaemonSet",
    "Deployment",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "Lease",
    "Service",
    "ConfigMap",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
  ];
  const left: string[] = [];
  for (const kind of kinds) {
    for (const { metadata } of await rig.admin.list({ kind }))
      if (/kured/.test(metadata.name)) left.push(`${kind}/${metadata.name}`);
  }
  for (const { metadata } of await rig.admin.list<NodeObject>({ kind: "Node" })) {
    const names = [...Object.keys(metadata.annotations ?? {}), ...Object.keys(metadata.labels ?? {})];
    left.push(...names.filter((name) => /kured/.test(name)).map((name) => `Node/${metadata.name}: ${name}`));
  }
  return left;
}

import type { NodeObject, PodObject } from "../../controlplane/objects.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { findHelm } from "../../chart/helm.ts";
import type { Rig } from "../rig.ts";

/** Names and namespaces of what the tests install, by helm or by manifest. */
const OWN = /^(kured|fleet|my-release)/;

/** Makes the rig as it was when it was new, whatever a test has left: no kured, no application, every machine up. */
export async function resetRig(rig: Rig, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  for (const machine of rig.machines) {
    await machine.delay(0);
    await machine.release();
    await machine.powerOn();
  }
  await uninstall(rig, { signal });
  for (const kind of ["PodDisruptionBudget", "Deployment", "StatefulSet", "Job", "Pod"]) {
    const found = await rig.admin.list({ kind, namespace: "default" });
    for (const object of found) await rig.admin.delete(object, { gracePeriodSeconds: 0 });
  }
  await rig.untilReady({ timeoutMs: 90_000 });
  for (const node of await rig.admin.list<NodeObject>({ kind: "Node" })) await cleanNode(rig, node);
  for (const machine of rig.machines) {
    await machine.exec([
      "sh",
      "-c",
      "rm -f /run/reboot-required /run/core-libraries-updated /usr/bin/needs-restarting",
    ]);
  }
  await waitFor(
    "the pods of the test before to be gone",
    async () => (await rig.admin.list<PodObject>({ kind: "Pod" })).length === 0,
    { signal, timeoutMs: 60_000, everyMs: 200 },
  );
}

async function uninstall(rig: Rig, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const helm = await findHelm({ log: () => undefined, signal });
  const { stdout } = await rig.run([helm, "list", "--all-namespaces", "--output=json"]);
  for (const { name, namespace } of JSON.parse(stdout) as readonly { name: string; namespace: string }[]) {
    await rig.run([helm, "uninstall", name, "--namespace", namespace, "--no-hooks"]);
  }
  for (const kind of [
    "DaemonSet",
    "Deployment",
    "Job",
    "ServiceAccount",
    "RoleBinding",
    "Role",
    "Lease",
    "ConfigMap",
    "Secret",
    "ClusterRoleBinding",
    "ClusterRole",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicy",
    "Pod", // A Job's stay when it goes.
  ]) {
    const found: readonly KubeObject[] = await rig.admin.list({ kind });
    for (const object of found) if (OWN.test(object.metadata.name)) await rig.admin.delete(object);
  }
}

/** Takes from a Node what kured or a person has put there. */
async function cleanNode(rig: Rig, node: NodeObject): Promise<void> {
  const foreign = (name: string): boolean => /^(kured\.dev|weave\.works|kured)\b/.test(name);
  const none = (from: Readonly<Record<string, string>> | undefined): Readonly<Record<string, null>> =>
    Object.fromEntries(
      Object.keys(from ?? {})
        .filter(foreign)
        .map((name) => [name, null]),
    );
  const { metadata, spec } = node;
  await rig.admin.patch(node, {
    metadata: { annotations: none(metadata.annotations), labels: none(metadata.labels) },
    spec: {
      unschedulable: null,
      taints: (spec?.taints ?? []).filter(({ key }) => key.startsWith("node.kubernetes.io/")),
    },
  });
}

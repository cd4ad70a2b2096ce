import assert from "node:assert/strict";
import { resolve } from "node:path";
import { before, test } from "node:test";
import { freePort } from "../controlplane/cluster/component.ts";
import { startDaemon } from "../controlplane/daemon.ts";
import { startHost } from "../controlplane/host.ts";
import { fakeNode, namespace } from "../controlplane/objects.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, createNodes, waitFor } from "../controlplane/waits.ts";
import { runHelm } from "../chart/helm.ts";
import { at } from "../chart/renders.ts";

// Two coordinated installations in one cluster, each for nodes of its own.

const { cluster, signal } = await suiteCluster();

before(async () => {
  await createNodes(cluster.admin, [fakeNode({ name: "n1" })], { signal });
  await createAll(cluster.admin, [namespace("pools"), ...addOn()]);
});

test("two coordinated releases in one namespace have a leader each, and neither forbids the other its records", async () => {
  const releases = ["pool-a", "pool-b"];
  for (const release of releases) {
    await install(release);
    // A refusal names one policy of several, so the first one's turn is before the second is there.
    if (release === "pool-a") await untilItRefuses("pool-a-kured-other-accounts");
  }
  await assertTells("pool-b");
  const first = { kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "pool-a-kured-other-accounts" } };
  await cluster.admin.delete(first);
  await untilItRefuses("pool-b-kured-other-accounts");
  await assertTells("pool-a");
  const [a, b] = await Promise.all(releases.map((release) => startCoordinator(release)));
  try {
    const lease = (name: string) => ({ kind: "Lease", metadata: { name: `${name}-kured`, namespace: "pools" } });
    const holders = () => Promise.all(releases.map((name) => cluster.admin.find<LeaseObject>(lease(name))));
    const lead = async () => (await holders()).every((found, i) => found?.spec.holderIdentity === `${releases[i]}-0`);
    await waitFor("both to lead", lead, { signal });
  } finally {
    await Promise.all([a?.stop(), b?.stop()]);
  }
});

/** Installs a release, whose notes say which installation it is. */
async function install(release: string): Promise<void> {
  const argv = ["--namespace", "pools", "--set", `nodeSelector.pool=${release}`, "--kubeconfig", cluster.kubeconfig];
  const { code, stdout, stderr } = await runHelm(["install", release, "chart", ...argv], { signal });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /mode coordinated\./);
  const which = `--ds-namespace=pools --ds-name=${release}-kured --lease-name=${release}-kured`;
  assert.ok(stdout.includes(`kured status ${which}\n`), stdout);
}

/** The coordinator of a release writes what it has to write on Nodes. */
async function assertTells(release: string): Promise<void> {
  const annotations = { "kured.dev/maintenance": `by ${release}`, "kured.dev/verdict": `by ${release}` };
  const { status, text } = await write(`${release}-kured-coordinator`, annotations);
  assert.equal(status, 200, text);
}

async function untilItRefuses(policy: string): Promise<void> {
  let value = 0; // Another one each time: what changes nothing is never refused.
  const refuses = async (): Promise<boolean> => {
    const { status, text } = await write("add-on", { "kured.dev/verdict": `forged ${value++}` });
    return status === 403 && text.includes(`'${policy}'`);
  };
  await waitFor(`the policy ${policy} to act`, refuses, { signal });
}

interface LeaseObject extends KubeObject {
  readonly spec: { readonly holderIdentity?: string };
}

/** The coordinator of a release with the arguments that helm gave it, as its first pod. */
async function startCoordinator(release: string): Promise<{ readonly stop: () => Promise<void> }> {
  const name = `${release}-kured-coordinator`;
  const deployment = await cluster.admin.get({
    kind: "Deployment",
    metadata: { name, namespace: "pools" },
  });
  const host = await startHost({ node: "n1", admin: cluster.admin, signal });
  const daemon = await startDaemon({
    host,
    cluster,
    program: resolve(process.env["KURED_BIN"] ?? "dist/kured"),
    args: at(deployment, "spec.template.spec.containers.0.args") as readonly string[],
    environment: {
      KURED_METRICS_HOST: "127.0.0.1",
      KURED_METRICS_PORT: String(await freePort()),
      KURED_POD_NAME: `${release}-0`,
      KURED_POD_NAMESPACE: "pools",
    },
    token: await cluster.admin.requestToken({ namespace: "pools", serviceAccount: name }),
    namespace: "pools",
    signal,
  });
  return {
    stop: async () => {
      await daemon.stop();
      await host.stop();
    },
  };
}

async function write(serviceAccount: string, annotations: Readonly<Record<string, string>>) {
  const client = cluster.clientFor({ token: await cluster.admin.requestToken({ namespace: "pools", serviceAccount }) });
  try {
    const contentType = "application/merge-patch+json";
    return await client.send("PATCH", "/api/v1/nodes/n1", { body: { metadata: { annotations } }, contentType });
  } finally {
    client.close();
  }
}

/** A service account that may write Nodes, as many an add-on may. */
function addOn(): readonly KubeObject[] {
  const apiGroup = "rbac.authorization.k8s.io";
  const common = { apiVersion: `${apiGroup}/v1`, metadata: { name: "add-on" } };
  const rules = [{ apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] }];
  const subjects = [{ kind: "ServiceAccount", name: "add-on", namespace: "pools" }];
  const roleRef = { apiGroup, kind: "ClusterRole", name: "add-on" };
  const role = { ...common, kind: "ClusterRole", rules };
  const binding = { ...common, kind: "ClusterRoleBinding", roleRef, subjects };
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "add-on", namespace: "pools" } },
    role,
    binding,
  ];
}

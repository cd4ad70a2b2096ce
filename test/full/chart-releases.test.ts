import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readManifest, type ManifestName } from "../controlplane/manifests.ts";
import { fakeNode, namespace, type PodObject } from "../controlplane/objects.ts";
import { resourcePath, type KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, createNodes, waitFor, waitForPods } from "../controlplane/waits.ts";
import { runHelm } from "../chart/helm.ts";

// What becomes of an installation in its life: real releases of helm, and manifests one after the other.

const { cluster, signal } = await suiteCluster();

before(async () => {
  await createNodes(cluster.admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2" })], { signal });
  await createAll(cluster.admin, [namespace("old")]);
});

interface DaemonSet extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
  readonly status?: { readonly updatedNumberScheduled?: number; readonly observedGeneration?: number };
}

interface Container {
  readonly args: readonly string[];
}

/** What stays the same while everything around it changes. */
async function identity(name: string, at: string): Promise<{ mode: string; uid: string; lock: string | undefined }> {
  const { metadata, spec } = await cluster.admin.get<DaemonSet>({
    kind: "DaemonSet",
    metadata: { name, namespace: at },
  });
  const mode = spec.template.spec.containers[0].args?.[0] === "agent" ? "coordinated" : "classic";
  return { mode, uid: metadata.uid ?? "", lock: metadata.annotations?.["weave.works/kured-node-lock"] };
}

async function exists(kind: string, name: string, at?: string): Promise<boolean> {
  const metadata = { name, ...(at !== undefined && { namespace: at }) };
  return (await cluster.admin.find({ kind, metadata })) !== undefined;
}

/** Runs helm on a release and answers what it printed. */
async function helm(action: string, release: string, ...argv: readonly string[]): Promise<string> {
  const chart = action === "rollback" ? [] : ["chart"];
  const end = await runHelm([action, release, ...chart, "--kubeconfig", cluster.kubeconfig, ...argv], { signal });
  assert.equal(end.code, 0, end.stderr);
  return end.stdout;
}

const lock = '{"nodeID":"n1","metadata":{"unschedulable":false},"created":"2026-01-01T00:00:00Z","TTL":0}';

async function takeLock(name: string, at: string): Promise<string> {
  const annotations = { "weave.works/kured-node-lock": lock };
  const ref = { kind: "DaemonSet", metadata: { name, namespace: at } };
  return (await cluster.admin.patch(ref, { metadata: { annotations } })).metadata.uid ?? "";
}

test("a release with the labels and values of chart 2.2.0 stays classic until it is told otherwise, and goes there and back with its lock", async () => {
  const name = "my-release-kured";
  const release = ["my-release", "--namespace", "old", "--values", "test/chart/values/chart-2.2.0.yaml"] as const;
  const roles = ["ServiceAccount", "Role"];
  const rights = () => Promise.all(roles.map((kind) => exists(kind, name, "old")));

  await helm("install", ...release, "--set", "mode=classic,layout=chart-2");
  const uid = await takeLock(name, "old");
  const pods = { namespace: "old", labelSelector: "app=kured", count: 2, signal };
  const old = await waitForPods(cluster.admin, pods);

  const said = await helm("upgrade", ...release);
  assert.match(
    said,
    /mode classic, because that is what runs here already, and an upgrade does not change it by itself/,
  );
  assert.deepEqual(await identity(name, "old"), { mode: "classic", uid, lock });

  const changed = await helm("upgrade", ...release, "--set", "mode=coordinated");
  assert.match(changed, /When the roll-out\s+is over, run helm upgrade once more: it takes both away/);
  assert.deepEqual(await identity(name, "old"), { mode: "coordinated", uid, lock });
  assert.deepEqual(await rights(), [true, true], "classic pods still run, and have their rights");
  assert.equal(await exists("ClusterRole", name), true);

  await helm("upgrade", ...release);
  assert.deepEqual(await rights(), [true, true], "with OnDelete they run until somebody deletes them");
  assert.equal((await identity(name, "old")).mode, "coordinated", "what it runs already it keeps");
  await replacePods(old, name);

  await helm("upgrade", ...release);
  assert.deepEqual(await rights(), [false, false], "no classic pod is left");
  assert.equal(await exists("ClusterRole", name), false);
  assert.deepEqual(await identity(name, "old"), { mode: "coordinated", uid, lock });

  await helm("rollback", "my-release", "1", "--namespace", "old");
  assert.deepEqual(await identity(name, "old"), { mode: "classic", uid, lock });
  assert.deepEqual(await rights(), [true, true]);
  assert.equal(await exists("Deployment", `${name}-coordinator`, "old"), false);
  assert.equal(await exists("ValidatingAdmissionPolicy", `${name}-other-accounts`), false);
});

/** As an operator does with OnDelete: away with the old pods, until the controller has made new ones of all. */
async function replacePods(pods: readonly PodObject[], name: string): Promise<void> {
  for (const pod of pods) await cluster.admin.delete(pod);
  const ref = { kind: "DaemonSet", metadata: { name, namespace: "old" } };
  const renewed = async () => (await cluster.admin.get<DaemonSet>(ref)).status?.updatedNumberScheduled === 2;
  await waitFor("new pods everywhere", renewed, { signal });
}

test("the manifests are applied over each other, classic, coordinated, classic, and the lock stays", async () => {
  await apply("classic");
  const uid = await takeLock("kured", "kube-system");
  for (const mode of ["classic-signal", "coordinated", "classic"] as const) {
    await apply(mode);
    const expected = { mode: mode === "coordinated" ? mode : "classic", uid, lock };
    assert.deepEqual(await identity("kured", "kube-system"), expected);
  }
});

test("helm takes over what was applied by hand, in the mode that it has, and the lock stays", async () => {
  const before = await identity("kured", "kube-system");
  const takingOver = ["--take-ownership", "--force-conflicts"];
  const said = await helm("install", "kured", "--namespace", "kube-system", ...takingOver);
  assert.match(said, /mode classic, because that is what runs here already/);
  assert.deepEqual(await identity("kured", "kube-system"), before);
});

/** Server-side apply, as `kubectl apply --server-side` does it. */
async function apply(manifest: ManifestName): Promise<void> {
  for (const object of readManifest(manifest)) {
    const path = `${resourcePath(object)}?fieldManager=kubectl&fieldValidation=Strict`;
    const contentType = "application/apply-patch+yaml";
    const { status, text } = await cluster.admin.send("PATCH", path, { body: object, contentType });
    assert.ok(status === 200 || status === 201, `${object.kind} ${object.metadata.name}: ${status} ${text}`);
  }
}

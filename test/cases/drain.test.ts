import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { disruptionBudget, pod, statefulSet, type PodObject, type WorkloadObject } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor, waitForPods } from "../controlplane/waits.ts";
import { everyKindOfPod, letGo, lingering, type Kinds } from "./every-kind-of-pod.ts";
import { evictionsOn } from "./evictions.ts";
import { observe } from "./observe.ts";
import { modes, type Mode } from "./one-node.ts";
import { rows } from "./selection.ts";
import { onSite, siteProxy, startAgent, startClassic, startCoordinator, type Site } from "./site.ts";
import { untilVerdict } from "./told.ts";
import { addPodUnderTwoBudgets, removeSecondBudget } from "./two-budgets.ts";
import { untilDone } from "./until.ts";

const { cluster, signal } = await suiteCluster();

suite("A drain is at least kubectl's", { concurrency: true }, () => {
  for (const mode of modes) {
    test(`${mode}, of every kind of pod, what kubectl drain removes from a twin node is removed, and nothing else`, async () => {
      await onSite({ cluster, name: `kinds-${mode}`, nodes: 3, signal }, async (site) => {
        const [ours = "", twin = ""] = site.nodes;
        const kinds = await everyKindOfPod(site, [ours, twin]);
        const observation = await observe(site);
        await startKured(site, { mode, node: ours });
        await site.host(ours).requireReboot();
        const cordoned = async () => (await site.readNode(ours)).spec?.unschedulable;
        // Only now: a coordinator would not begin beside a node that somebody else has cordoned.
        await waitFor(`${ours} to be cordoned`, cordoned, { signal });
        const kubectl = kubectlDrain(twin);
        kubectl.catch(() => undefined); // Waited for below.
        await untilOnlyLeft(site, { kinds, node: ours, apps: [...staying, ...lingering] });
        await untilOnlyLeft(site, { kinds, node: twin, apps: [...staying, ...lingering] });
        assert.deepEqual(await site.host(ours).reboots(), [], "it was rebooted while pods were still terminating");
        // Kubectl lists the pods once; a pod that comes later to us is seen all the same.
        await createAll(cluster.admin, [
          pod({ name: "late", namespace: site.name, node: ours, labels: { app: "late" } }),
        ]);
        await letGo(site);

        await kubectl;
        await untilDone(site, { node: ours, timeoutMs: 20_000 });
        observation.stop();
        const removed = await kinds.removedFrom(ours);
        assert.deepEqual(removed, await kinds.removedFrom(twin));
        assert.deepEqual(
          removed,
          kinds.apps.filter((app) => !staying.includes(app)),
        );
        const atCommit = observation.moments().find(({ nodes }) => nodes.get(ours)?.report?.commanded === true);
        const left = atCommit?.pods.filter(({ node }) => node === ours).map(({ app }) => app ?? "kured");
        assert.deepEqual(left?.toSorted(), ["kured", ...staying].toSorted());
      });
    });
  }

  for (const mode of rows({ all: modes, few: [] })) {
    test(`${mode}, with a selector and a limit for pods that terminate too long, kubectl and we leave the same pods`, async () => {
      await onSite({ cluster, name: `limits-${mode}`, nodes: 3, signal }, async (site) => {
        const [ours = "", twin = ""] = site.nodes;
        const kinds = await everyKindOfPod(site, [ours, twin]);
        const [selector, limit] = ["app notin (bare)", "--skip-wait-for-delete-timeout=2"];
        await startKured(site, { mode, node: ours, args: [`--drain-pod-selector=${selector}`, limit] });
        await site.host(ours).requireReboot();
        const cordoned = async () => (await site.readNode(ours)).spec?.unschedulable;
        await waitFor(`${ours} to be cordoned`, cordoned, { signal });
        await kubectlDrain(twin, [`--pod-selector=${selector}`, limit]);
        await untilDone(site, { node: ours, timeoutMs: 30_000 });
        const removed = await kinds.removedFrom(ours);
        assert.deepEqual(removed, await kinds.removedFrom(twin));
        const left = ["bare", ...staying, ...lingering];
        assert.deepEqual(
          removed,
          kinds.apps.filter((app) => !left.includes(app)),
        );
      });
    });
  }

  test("a pod under two budgets is told as one that can never be evicted, until one of them goes", async () => {
    await onSite({ cluster, name: "two", nodes: 1, signal }, async (site) => {
      const [node = ""] = site.nodes;
      await addPodUnderTwoBudgets(site, node);
      const daemon = await startClassic(site, { node });
      await site.host(node).requireReboot();
      await daemon.waitForLine(
        /More than one PodDisruptionBudget covers pod two\/pair, so the API server never evicts it/,
      );
      await untilVerdict(site, { node, code: "DrainBlocked", says: /never evicts it/ });
      // With kubectl that is the end of the drain.
      await assert.rejects(kubectlDrain(node), /has more than one PodDisruptionBudget/);
      assert.equal(site.host(node).boots(), 1);
      await removeSecondBudget(site);
      await untilDone(site, { node, timeoutMs: 30_000 });
    });
  });

  for (const mode of rows<Mode>({ all: ["coordinated"], few: [] })) {
    test(`${mode}, an eviction that a policy forbids ends kubectl's drain; ours says so and goes on when it is allowed`, async () => {
      await onSite({ cluster, name: "forbidden", nodes: 1, signal }, async (site) => {
        const [node = ""] = site.nodes;
        await createAll(cluster.admin, [pod({ name: "kept", namespace: site.name, node })]);
        const allow = await forbidEvictions(site, "kept");
        await startKured(site, { mode, node });
        await site.host(node).requireReboot();
        const says = /Evicting pod forbidden\/kept .*not while I live/;
        await untilVerdict(site, { node, code: "DrainBlocked", says, timeoutMs: 30_000 });
        await assert.rejects(kubectlDrain(node), /not while I live/);
        assert.equal(site.host(node).boots(), 1);
        await allow();
        await untilDone(site, { node, timeoutMs: 60_000 });
      });
    });
  }

  test("a StatefulSet's pod that came back on another node under the same name is not evicted there", async () => {
    await onSite({ cluster, name: "namesake", nodes: 2, signal }, async (site) => {
      const { admin } = cluster;
      const namespace = site.name;
      await createAll(admin, [
        statefulSet({ name: "db", namespace, replicas: 1, pod: { nodeSelector: { site: site.name } } }),
        disruptionBudget({ name: "db", namespace, minAvailable: 0 }),
      ]);
      const [first] = await waitForPods(admin, { namespace, labelSelector: "app=db", count: 1, signal });
      const node = first?.spec.nodeName ?? "";
      const proxy = await siteProxy(site, { counts: ({ path }) => path.includes("/eviction") });
      const firstEviction = proxy.holdWrite(1, "before");
      await startCoordinator(site, { daemon: { port: proxy.port } });
      await startAgent(site, { node });
      await site.host(node).requireReboot();

      const held = await firstEviction;
      await admin.delete({ kind: "Pod", metadata: { name: "db-0", namespace } }, { gracePeriodSeconds: 0 });
      const [second] = await waitFor(
        "db-0 to run on the other node",
        async () => {
          const pods = await waitForPods(admin, { namespace, labelSelector: "app=db", count: 1, signal });
          return pods[0]?.metadata.uid !== first?.metadata.uid && pods;
        },
        { signal },
      );
      assert.notEqual(second?.spec.nodeName, node);
      // A budget that counts nobody as healthy would refuse before the name is looked at.
      const budget = { kind: "PodDisruptionBudget", metadata: { name: "db", namespace } };
      const counted = async () => (await admin.get<WorkloadObject>(budget)).status?.["disruptionsAllowed"] === 1;
      await waitFor("the budget to count the new pod", counted, { signal });
      held.release();
      await untilDone(site, { node, timeoutMs: 15_000 });
      const codes = (await evictionsOn(site)).map(({ pod: name, code }) => `${name} ${code}`);
      assert.deepEqual(codes, ["db-0 409"], "the eviction named the pod that it meant, and there was no other");
      const now = await admin.get<PodObject>({ kind: "Pod", metadata: { name: "db-0", namespace } });
      assert.deepEqual([now.metadata.uid, now.metadata.deletionTimestamp], [second?.metadata.uid, undefined]);
    });
  });
});

/** What stays on a drained node. */
const staying = ["daemon", "impostor", "static"];

async function startKured(
  site: Site,
  { mode, node, args = [] }: { readonly mode: Mode; readonly node: string; readonly args?: readonly string[] },
): Promise<void> {
  if (mode === "classic") {
    await startClassic(site, { node, args });
    return;
  }
  const { port } = await siteProxy(site);
  await startCoordinator(site, { args, daemon: { port } });
  await startAgent(site, { node });
}

/** A policy against evictions in the site's namespace that holds already; answers what takes it away. */
async function forbidEvictions({ name }: Site, podName: string): Promise<() => Promise<void>> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods/eviction"] };
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": name } };
  const validations = [{ expression: "false", message: "not while I live", reason: "Forbidden" }];
  const metadata = { name: `${name}-evictions` };
  const spec = { matchConstraints: { resourceRules: [rule], namespaceSelector }, validations };
  const binding = {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: metadata.name, validationActions: ["Deny"] },
  };
  const policy = { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec };
  await createAll(cluster.admin, [policy, binding]);
  const path = `/api/v1/namespaces/${name}/pods/${podName}/eviction`;
  const deleteOptions = { dryRun: ["All"] };
  const body = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: podName, namespace: name },
    deleteOptions,
  };
  const refused = async () => (await cluster.admin.send("POST", path, { body })).status === 403;
  await waitFor("evictions to be forbidden", refused, { signal });
  return () => cluster.admin.delete(binding);
}

async function untilOnlyLeft(
  site: Site,
  { kinds, node, apps }: { readonly kinds: Kinds; readonly node: string; readonly apps: readonly string[] },
): Promise<void> {
  const wanted = kinds.apps.filter((app) => !apps.includes(app)).join();
  const removed = async () => (await kinds.removedFrom(node)).join() === wanted;
  await waitFor(`${apps.join(", ")} to be left alone on ${node}`, removed, { signal: site.signal, timeoutMs: 20_000 });
}

/** Rejects when it ends with anything but success. */
async function kubectlDrain(node: string, more: readonly string[] = []): Promise<void> {
  const flags = [...more, "--force", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=60s"];
  const argv = [`--kubeconfig=${cluster.kubeconfig}`, "drain", node, ...flags];
  await promisify(execFile)(cluster.programs.paths.kubectl, argv, { signal });
}

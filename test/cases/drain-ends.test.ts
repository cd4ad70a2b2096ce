import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor } from "../controlplane/waits.ts";
import { evictionsOn } from "./evictions.ts";
import {
  assertOneReboot,
  blockDrain,
  onOneNode,
  stuckPod,
  untilOver,
  untilVerdict,
  type Mode,
  type OneNode,
} from "./one-node.ts";
import { attachmentRights, deletionRights, replicaRights } from "./rights.ts";
import { rows } from "./selection.ts";
import { addWorkload, type Site } from "./site.ts";

// A budget never opens, and the operator has said what then.

const { cluster, signal } = await suiteCluster();

const grace = { terminationGracePeriodSeconds: 2 };

describe("The end of a drain", { concurrency: true }, () => {
  for (const mode of rows<Mode>({ all: ["classic", "coordinated"], few: ["coordinated"] })) {
    test(`${mode}: after the drain timeout the pod is deleted with its own grace period, and the node is rebooted`, async () => {
      await onBlocked(mode, {
        name: "late",
        flags: ["--drain-timeout=3s", "--drain-timeout-action=delete"],
        work: async (one, pod) => {
          await untilOver(one);
          assert.deepEqual(deletionsBy(one), [{ status: 200, uid: pod, graceSeconds: undefined }]);
          await assertDeleted(one, { pod, afterMs: 3_000 });
        },
      });
    });
  }

  for (const mode of rows<Mode>({ all: ["classic", "coordinated"], few: ["classic"] })) {
    test(`${mode}: before the hard end the pod is deleted in time for its own grace period, and the node is rebooted`, async () => {
      await onBlocked(mode, {
        name: "hard",
        flags: ["--drain-hard-end=5s"],
        work: async (one, pod) => {
          await untilOver(one);
          assert.deepEqual(deletionsBy(one), [{ status: 200, uid: pod, graceSeconds: undefined }]);
          await assertDeleted(one, { pod, afterMs: 3_000 });
        },
      });
    });
  }

  test("coordinated: at the hard end the node is rebooted with a pod that may not even be deleted", async () => {
    await onBlocked("coordinated", {
      name: "stays",
      flags: ["--drain-hard-end=4s"],
      mayDelete: false,
      work: async (one, pod) => {
        await untilOver(one);
        assert.deepEqual([...new Set(deletionsBy(one).map(({ status }) => status))], [403]);
        assert.equal(await stuckPod(one.site, one.node), pod, "the pod is still the one of before the reboot");
        await assertOneReboot(one);
      },
    });
  });

  test("coordinated: a drained node is rebooted when its status names no volume and its last VolumeAttachment is gone", async () => {
    await onAttached("coordinated", {
      timeoutSeconds: 60,
      work: async (one) => {
        await untilVerdict(one, "Drained", { says: /waits for its volumes to be detached, .*: disk\/a\./ });
        await setAttached(one.node, []);
        const looks = () => one.deciderProxy.requests().filter(({ path }) => path.includes("/volumeattachments"));
        await waitFor("two looks at the attachments", async () => looks().length >= 2, { signal });
        assert.deepEqual(await one.host.reboots(), []);
        await cluster.admin.delete({ kind: "VolumeAttachment", metadata: { name: one.site.name } });
        await untilOver(one);
        await assertOneReboot(one);
      },
    });
  });

  test("coordinated: a drained node is not rebooted before its pod is ready elsewhere, where that is wanted", async () => {
    const movable = { "test.kured.dev/movable": "yes" };
    const prepare = async (site: Site, node: string): Promise<void> => {
      await createAll(cluster.admin, replicaRights(site.name));
      await cluster.admin.patch({ kind: "Node", metadata: { name: node } }, { metadata: { labels: movable } });
      await addWorkload(site, { name: "movable", replicas: 1, pod: { nodeSelector: { ...movable, site: site.name } } });
    };
    const work = async (one: OneNode): Promise<void> => {
      const looks = () => one.deciderProxy.requests().filter(({ path }) => path.includes("/replicasets/"));
      await one.host.requireReboot();
      await waitFor("two looks at its owner", async () => looks().length >= 2, { signal, timeoutMs: 20_000 });
      assert.deepEqual(await one.host.reboots(), []);
      const other = { kind: "Node", metadata: { name: one.others[0] ?? "" } };
      await cluster.admin.patch(other, { metadata: { labels: movable } });
      await untilOver(one);
      await assertOneReboot(one);
    };
    const flags = ["--ready-elsewhere=reboot"];
    await onOneNode({ cluster, mode: "coordinated", name: "elsewhere", others: 1, flags, signal }, { prepare, work });
  });

  for (const mode of rows<Mode>({ all: ["classic"], few: [] })) {
    test(`${mode}: a drained node is rebooted with its volumes attached when their time is over`, async () => {
      await onAttached(mode, {
        timeoutSeconds: 5,
        work: async (one) => {
          await untilVerdict(one, "Drained");
          await untilOver(one);
          await assertOneReboot(one);
        },
      });
    });
  }
});

/** A node with one volume by its status and one by a VolumeAttachment, and nothing to drain. */
async function onAttached(
  mode: Mode,
  { timeoutSeconds, work }: { readonly timeoutSeconds: number; readonly work: (one: OneNode) => Promise<void> },
): Promise<void> {
  const prepare = async (site: Site, node: string): Promise<void> => {
    if (mode === "coordinated") await createAll(cluster.admin, attachmentRights(site.name));
    await setAttached(node, [{ name: "disk/a", devicePath: "" }]);
    const source = { persistentVolumeName: `pv-${site.name}` };
    await createAll(cluster.admin, [volumeAttachment(site.name, { attacher: "csi.test", nodeName: node, source })]);
  };
  const flags = [`--volume-detach-timeout=${timeoutSeconds}s`];
  await onOneNode(
    { cluster, mode, name: "volumes", flags, signal },
    {
      prepare,
      work: async (one) => {
        await one.host.requireReboot();
        await work(one);
      },
    },
  );
}

async function setAttached(node: string, volumesAttached: readonly object[]): Promise<void> {
  const ref = { kind: "Node", metadata: { name: node } };
  await cluster.admin.patch(ref, { status: { volumesAttached } }, { subresource: "status" });
}

function volumeAttachment(name: string, spec: object): KubeObject {
  const object: KubeObject & { readonly spec: object } = {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name },
    spec,
  };
  return object;
}

interface Blocked {
  readonly name: string;
  readonly flags: readonly string[];
  /** Unless told. Classic may in any case, as kured may. */
  readonly mayDelete?: boolean;
  /** `pod` is the uid of the one that its budget holds. */
  readonly work: (one: OneNode, pod: string | undefined) => Promise<void>;
}

async function onBlocked(mode: Mode, { name, flags, mayDelete = true, work }: Blocked): Promise<void> {
  let pod: string | undefined;
  const prepare = async (site: Site, node: string): Promise<void> => {
    if (mode === "coordinated" && mayDelete) await createAll(cluster.admin, deletionRights(site.name));
    await blockDrain(site, node, grace);
    pod = await stuckPod(site, node);
  };
  await onOneNode(
    { cluster, mode, name, flags, signal },
    {
      prepare,
      work: async (one) => {
        await one.host.requireReboot();
        await work(one, pod);
      },
    },
  );
}

/** The requests to delete a pod, each with the pod that it meant and the grace period that it asked for. */
function deletionsBy({ deciderProxy }: OneNode) {
  const sent = deciderProxy.requests().filter(({ method, path }) => method === "DELETE" && path.includes("/pods/"));
  return sent.map(({ status, body }) => {
    const { gracePeriodSeconds, preconditions } = JSON.parse(body) as DeleteOptions;
    return { status, uid: preconditions?.uid, graceSeconds: gracePeriodSeconds };
  });
}

interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string };
}

/** It was asked for in the budget's way before, and deleted no earlier than so long after the first time. */
async function assertDeleted(
  one: OneNode,
  { pod, afterMs }: { readonly pod: string | undefined; readonly afterMs: number },
): Promise<void> {
  const evictions = await evictionsOn(one.site);
  assert.ok(evictions.length > 0 && evictions.every(({ code }) => code === 429), JSON.stringify(evictions));
  const deletion = one.deciderProxy.requests().find(({ method }) => method === "DELETE");
  const waitedMs = (deletion?.atMs ?? 0) - (evictions[0]?.askedAtMs ?? 0);
  // The phase is written in whole seconds, before the first eviction is sent.
  assert.ok(waitedMs > afterMs - 1_500, `deleted ${waitedMs} ms after the first eviction`);
  const objects = await cluster.admin.list<KubeObject>({ kind: "Pod", namespace: one.site.name });
  assert.ok(objects.every(({ metadata }) => metadata.uid !== pod));
  await assertOneReboot(one);
}

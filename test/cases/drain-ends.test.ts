import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { KubeObject } from "../controlplane/resources.ts";
import { createAll } from "../controlplane/waits.ts";
import { evictionsOn } from "./evictions.ts";
import { assertOneReboot, blockDrain, onOneNode, stuckPod, untilOver, type Mode, type OneNode } from "./one-node.ts";
import { deletionRights } from "./rights.ts";
import { rows } from "./selection.ts";
import type { Site } from "./site.ts";
import { suiteCluster } from "./suite-cluster.ts";

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
});

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

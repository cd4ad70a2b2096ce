import assert from "node:assert/strict";
import { describe } from "node:test";
import type { Taint } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import {
  assertNoReboot,
  assertOneReboot,
  blockDrain,
  onOneNode,
  openBudget,
  untilDrainStands,
  untilOver,
  untilVerdict,
  type Mode,
  type OneNode,
} from "./one-node.ts";
import { inEachMode } from "./selection.ts";

// What else than a cordon kured puts on a Node for others to see, with the flags that ask for it.

const inProgress = "weave.works/kured-reboot-in-progress";
const mostRecent = "weave.works/kured-most-recent-reboot-needed";
const lock = "weave.works/kured-node-lock";
const flags = [
  "--annotate-nodes",
  "--pre-reboot-node-labels=kured=rebooting,example.com/state=down",
  "--post-reboot-node-labels=kured=done",
  "--prefer-no-schedule-taint=example.com/reboot",
];
const ours: Taint = { key: "example.com/reboot", effect: "PreferNoSchedule" };
const foreign: Taint = { key: "example.com/theirs", value: "x", effect: "PreferNoSchedule" };
const held = '{"nodeID":"manual"}';

const { cluster, signal } = await suiteCluster();

interface Marks {
  readonly labels: readonly (string | undefined)[];
  readonly annotations: readonly (string | undefined)[];
  readonly taints: readonly Taint[];
}

/** Kubernetes adds a taint of its own to a cordoned node. */
async function marksOf({ readNode }: OneNode): Promise<Marks> {
  const { metadata, spec } = await readNode();
  return {
    labels: [metadata.labels?.["kured"], metadata.labels?.["example.com/state"]],
    annotations: [metadata.annotations?.[inProgress], metadata.annotations?.[mostRecent]],
    taints: (spec?.taints ?? []).filter(({ key }) => !key.startsWith("node.kubernetes.io/")),
  };
}

async function untilTaints(one: OneNode, wanted: readonly Taint[]): Promise<void> {
  const are = async () => JSON.stringify((await marksOf(one)).taints) === JSON.stringify(wanted);
  await waitFor(`the taints ${JSON.stringify(wanted)}`, are, { signal });
}

async function label(name: string, state: string): Promise<void> {
  const metadata = { labels: { "example.com/state": state } };
  await cluster.admin.patch({ kind: "Node", metadata: { name } }, { metadata });
}

/** With somebody else's taint and label on the node, and the lock taken by hand. */
async function whileLocked(mode: Mode, name: string, work: (one: OneNode) => Promise<void>, taints = [foreign]) {
  await onOneNode(
    { cluster, mode, name, signal, flags, node: { taints } },
    {
      prepare: async (site, nodeName) => {
        await blockDrain(site, nodeName);
        await label(nodeName, "up");
        await site.annotateDaemonSet({ [lock]: held });
      },
      work: async (one) => {
        await one.host.requireReboot();
        await untilVerdict(one, "LockedBy");
        await work(one);
      },
    },
  );
}

async function assertInHand(one: OneNode): Promise<void> {
  const { labels, annotations } = await marksOf(one);
  assert.deepEqual(labels, ["rebooting", "down"]);
  assert.match(annotations[0] ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(annotations[1], annotations[0]);
}

/** The labels of after the reboot, what was there before for the others, and nothing that says it goes on. */
async function assertGivenBack(one: OneNode): Promise<void> {
  const { labels, annotations, taints } = await marksOf(one);
  assert.deepEqual(labels, ["done", "up"]);
  assert.equal(annotations[0], undefined);
  assert.match(annotations[1] ?? "", /Z$/);
  assert.deepEqual(taints, [foreign]);
  assert.notEqual((await one.readNode()).spec?.unschedulable, true);
}

describe("what kured puts on a node for others to see", { concurrency: 8 }, () => {
  inEachMode((mode, row) => {
    row("labels, annotations and taint are set, and put back after the reboot", () =>
      whileLocked(mode, "marks", async (one) => {
        const { site, node, decider } = one;
        await untilTaints(one, [foreign, ours]);
        const waiting = await marksOf(one);
        assert.deepEqual(waiting.labels, [undefined, "up"], "labels of a node that waits");
        assert.deepEqual(waiting.annotations, [undefined, undefined], "annotations of a node that waits");
        await site.annotateDaemonSet({ [lock]: null });
        await untilDrainStands(one);
        await assertInHand(one);
        await openBudget(site, node);
        await untilOver(one);
        await assertOneReboot(one);
        await assertGivenBack(one);
        const lines = decider.lines().map(({ text }) => text);
        for (const line of [
          "Node taint added",
          "Node taint removed",
          `Updating node ${node} label: kured=rebooting`,
          `Updating node ${node} label: kured=done`,
          `Adding node ${node} annotation: ${inProgress}=`,
          `Deleting node ${node} annotation ${inProgress}`,
        ])
          assert.ok(
            lines.some((text) => text.includes(line)),
            line,
          );
      }),
    );

    row("they are put back after a drain that was given up", () =>
      whileLocked(mode, "givenup", async (one) => {
        await untilTaints(one, [foreign, ours]);
        await one.site.annotateDaemonSet({ [lock]: null });
        await untilDrainStands(one);
        await assertInHand(one);
        await one.host.requireReboot(false);
        await waitFor("the cordon to be taken back", async () => !(await one.readNode()).spec?.unschedulable, {
          signal,
        });
        await assertGivenBack(one);
        await assertNoReboot(one);
      }),
    );

    row("a label that a person changed meanwhile is hers and stays", () =>
      whileLocked(mode, "herlabel", async (one) => {
        await one.site.annotateDaemonSet({ [lock]: null });
        await untilDrainStands(one);
        await label(one.node, "broken");
        await one.host.requireReboot(false);
        await waitFor("the cordon to be taken back", async () => !(await one.readNode()).spec?.unschedulable, {
          signal,
        });
        assert.deepEqual((await marksOf(one)).labels, ["done", "broken"]);
      }),
    );

    row("a node whose daemon is killed in mid-drain gets its labels back all the same", () =>
      whileLocked(mode, "killed", async (one) => {
        await one.site.annotateDaemonSet({ [lock]: null });
        await untilDrainStands(one);
        one.decider.kill("SIGKILL");
        await one.host.requireReboot(false);
        await waitFor("the cordon to be taken back", async () => !(await one.readNode()).spec?.unschedulable, {
          signal,
          timeoutMs: 60_000,
        });
        await assertGivenBack(one);
      }),
    );

    row("the taint goes when the reboot is not required any more, though nothing was begun", () =>
      whileLocked(mode, "untaint", async (one) => {
        await untilTaints(one, [foreign, ours]);
        await one.host.requireReboot(false);
        await untilTaints(one, [foreign]);
        assert.equal(await one.site.readLock(), held);
      }),
    );

    row("somebody else's taint of the same name stays as it is, and is told once", () => {
      const theirs: Taint = { ...ours, value: "mine" };
      return whileLocked(
        mode,
        "namesake",
        async (one) => {
          await one.decider.waitForLine(/somebody else's taint has the name of ours/);
          await one.host.requireReboot(false);
          await waitFor("the node to wait no more", async () => (await one.phase()) === undefined, { signal });
          assert.deepEqual((await marksOf(one)).taints, [theirs]);
          const told = one.decider.lines().filter(({ text }) => text.includes("somebody else's taint"));
          assert.equal(told.length, 1);
        },
        [theirs],
      );
    });
  });
});

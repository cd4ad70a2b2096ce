import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProxiedRequest } from "../controlplane/proxy/requests.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import {
  assertNoReboot,
  assertOneReboot,
  blockDrain,
  onOneNode,
  openBudget,
  setCordon,
  untilDrainStands,
  untilOver,
  untilPhase,
  untilVerdict,
  type Mode,
  type OneNode,
} from "./one-node.ts";
import { inEachMode } from "./selection.ts";
import { eventsOf } from "./told.ts";

const record = "kured.dev/maintenance";
const report = "kured.dev/report";
const lock = "weave.works/kured-node-lock";

const { cluster, signal } = await suiteCluster();

/** A drain that stands still at a budget, for people to come between. */
async function inMidDrain(mode: Mode, name: string, work: (one: OneNode) => Promise<void>): Promise<void> {
  const begun = async (one: OneNode) => {
    await one.host.requireReboot();
    await untilDrainStands(one);
    await work(one);
  };
  await onOneNode({ cluster, mode, name, signal }, { prepare: blockDrain, work: begun });
}

/** It was given up before any reboot: schedulable, out of the lock, and not tried again at once. */
async function assertGivenBack(one: OneNode): Promise<void> {
  const { site, node } = one;
  await untilPhase(one, "closing");
  await waitFor(`${node} to be schedulable`, async () => (await one.readNode()).spec?.unschedulable !== true, {
    signal,
  });
  await openBudget(site, node);
  await sleep(1_000); // A reboot that was on its way would come now.
  await assertNoReboot(one);
}

/** Tells the code once: as an event where kured may write events, and in the log. */
async function assertTold({ site, node, decider }: OneNode, { mode, code, words }: Telling): Promise<void> {
  await decider.waitForLine(new RegExp(`${node}: ${words}`));
  if (mode === "classic") return;
  const told = async () => (await eventsOf(site, node)).some(({ reason }) => reason === code);
  await waitFor(`the event ${code} of ${node}`, told, { signal });
}

interface Telling {
  readonly mode: Mode;
  readonly code: string;
  readonly words: string;
}

const cordons = ({ method, path, body }: ProxiedRequest) =>
  method === "PATCH" && path.startsWith("/api/v1/nodes/") && body.includes('"unschedulable":true');

describe("when people come between", { concurrency: 10 }, () => {
  inEachMode((mode, row) => {
    row("a node that a person cordoned before its reboot is rebooted and stays cordoned", async () => {
      const prepared = { node: { unschedulable: true } };
      await onOneNode(
        { cluster, mode, name: "before", signal, ...prepared },
        {
          work: async (one) => {
            const { site, node } = one;
            await one.host.requireReboot();
            const held = await waitFor("the lock", () => site.readLock(), { signal });
            assert.match(held, new RegExp(`"nodeID":"${node}","metadata":{"unschedulable":true}`));
            await untilOver(one);
            await assertOneReboot(one);
            assert.equal((await one.readNode()).spec?.unschedulable, true);
          },
        },
      );
    });

    row("a cordon that a person sets in the same instant as ours is theirs and stays", async () => {
      await onOneNode(
        { cluster, mode, name: "instant", signal, counts: cordons },
        {
          work: async (one) => {
            const ours = one.deciderProxy.holdWrite(1, "before");
            await one.host.requireReboot();
            const held = await ours;
            await setCordon(one, true);
            held.release();
            await untilOver(one);
            assert.equal(held.request.status, 409, "the answer to our cordon");
            await assertOneReboot(one);
            assert.equal((await one.readNode()).spec?.unschedulable, true);
            assert.ok(one.decider.lines().some(({ text }) => text.includes("was cordoned by somebody else")));
          },
        },
      );
    });

    row("a person who uncordons a node in mid-drain gets it back without a reboot", () =>
      inMidDrain(mode, "uncordon", async (one) => {
        await setCordon(one, false);
        await assertTold(one, { mode, code: "CordonLost", words: "Somebody took the cordon away" });
        await assertGivenBack(one);
        assert.equal(await one.site.readLock(), undefined);
        assert.match(await untilVerdict(one, "Resting"), /Somebody took the cordon away/);
      }),
    );

    row("a record that somebody deletes in mid-drain is made anew from the lock, and the drain goes on", () =>
      inMidDrain(mode, "norecord", async (one) => {
        const { site, node } = one;
        const before = await site.readLock();
        await site.annotateNode(node, { [record]: null });
        await one.decider.waitForLine(/Took over node .*, which was left in mid-work/);
        await untilPhase(one, "draining");
        assert.equal(await site.readLock(), before);
        await openBudget(site, node);
        await untilOver(one);
        await assertOneReboot(one);
        assert.notEqual((await one.readNode()).spec?.unschedulable, true);
      }),
    );

    row("a record that somebody makes unreadable in mid-drain stands still until it is removed", () =>
      inMidDrain(mode, "badrecord", async (one) => {
        const { site, node } = one;
        const before = await site.readLock();
        await site.annotateNode(node, { [record]: "mine now" });
        assert.match(await untilVerdict(one, "RecordUnreadable"), /"mine now"/);
        await openBudget(site, node);
        await sleep(7_000); // Longer than an eviction waits for its next try.
        assert.equal((await one.readNode()).metadata.annotations?.[record], "mine now");
        assert.equal((await one.readNode()).spec?.unschedulable, true);
        assert.equal(await site.readLock(), before);
        await assertNoReboot(one);
        await site.annotateNode(node, { [record]: null });
        await untilOver(one);
        await assertOneReboot(one);
        assert.notEqual((await one.readNode()).spec?.unschedulable, true);
      }),
    );

    row("a report that somebody overwrites in mid-drain is written anew, and the drain goes on", () =>
      inMidDrain(mode, "badreport", async (one) => {
        const { site, node } = one;
        await site.annotateNode(node, { [report]: "all is well" });
        const isMended = async () => (await one.readNode()).metadata.annotations?.[report]?.startsWith('{"pod":');
        await waitFor("the report to be mended", isMended, { signal });
        await assertNoReboot(one);
        await openBudget(site, node);
        await untilOver(one);
        await assertOneReboot(one);
        assert.notEqual((await one.readNode()).spec?.unschedulable, true);
      }),
    );

    row("a lock that somebody deletes in mid-drain is not ours any more: given back without a reboot", () =>
      inMidDrain(mode, "nolock", async (one) => {
        await one.site.annotateDaemonSet({ [lock]: null });
        await assertTold(one, { mode, code: "LockLost", words: "Our lock entry is gone" });
        await assertGivenBack(one);
        assert.equal(await one.site.readLock(), undefined);
      }),
    );

    for (const [name, text] of [
      ["manual", '{"nodeID":"manual"}'],
      ["broken", "{please wait"],
    ] as const) {
      row(`a lock that somebody overwrites with ${text} in mid-drain stays as it is: given back without a reboot`, () =>
        inMidDrain(mode, name, async (one) => {
          await one.site.annotateDaemonSet({ [lock]: text });
          await assertTold(one, { mode, code: "LockLost", words: "Our lock entry is gone" });
          await assertGivenBack(one);
          assert.equal(await one.site.readLock(), text);
        }),
      );
    }

    row("a sentinel that is gone in mid-drain ends it: given back without a reboot", () =>
      inMidDrain(mode, "unneeded", async (one) => {
        await one.host.requireReboot(false);
        await assertTold(one, { mode, code: "NotRequired", words: "No reboot is required" });
        await assertGivenBack(one);
        assert.equal(await one.site.readLock(), undefined);
      }),
    );
  });
});

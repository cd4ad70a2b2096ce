import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "node:test";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import { onPair, wasTouched, type Pair, type PairOptions } from "./pair.ts";
import { inEachMode } from "./selection.ts";
import { eventsOf, untilVerdict } from "./told.ts";
import { untilDone } from "./until.ts";

const { cluster, signal } = await suiteCluster();

suite("A reboot that does not go well", { concurrency: 5 }, () => {
  inEachMode((mode, row) => {
    row("the command fails: told with its words, the node given back, the roll-out stopped", async () => {
      await pair({ mode, name: "fails", reboot: { kind: "fails", exitCode: 3 } }, async (pair) => {
        const says = /^The reboot failed: .*exit status 3.*Failed to reboot: the test says so/;
        await assertTold(pair, { code: "Failed", says });
        await untilSchedulable(pair);
        await assertStopped(pair);
        await pair.mend();
        await (mode === "coordinated" ? pair.replaceFirstAgent() : pair.rebootByHand());
        await assertGoesOn(pair);
      });
    });

    row("the command hangs: it is stopped, the cordon is kept where that is wanted, the roll-out stopped", async () => {
      const options = { flags: ["--command-timeout=2s"], deciderFlags: ["--failed-reboot=keep-cordon"] };
      await pair({ mode, name: "hangs", reboot: { kind: "hangs" }, ...options }, async (pair) => {
        await assertTold(pair, { code: "Failed", says: /^The reboot failed: .*no end within 2 s/ });
        await untilProvenFailed(pair);
        await assertStopped(pair);
        assert.equal((await pair.site.readNode(pair.first)).spec?.unschedulable, true);
        await pair.mend();
        await pair.rebootByHand();
        await assertGoesOn(pair);
      });
    });

    row("the command says yes and nothing happens: told when it is overdue, the roll-out stopped", async () => {
      const flags = ["--reboot-deadline=4s"];
      await pair({ mode, name: "ignored", reboot: { kind: "ignored" }, flags, deciderFlags: flags }, async (pair) => {
        const says = /the reboot command said yes, and nothing happened within 4 s/;
        await assertTold(pair, { code: "Failed", says });
        await untilSchedulable(pair);
        await assertStopped(pair);
        // Nobody wants it any more: then there is nothing left to fail.
        await pair.site.host(pair.first).requireReboot(false);
        await untilDone(pair.site, { node: pair.second, timeoutMs: 60_000 });
        assert.equal(pair.site.host(pair.first).boots(), 1);
      });
    });

    row("a command that is not there is named before anything is drained, and the others go on", async () => {
      const flags = ["--reboot-command=/no/such/program --now"];
      await pair({ mode, name: "missing", flags }, async (pair) => {
        const { site, first, second } = pair;
        await assertTold(pair, {
          code: "CannotReboot",
          says: /the host has no executable program \/no\/such\/program/,
        });
        await untilDone(site, { node: second, timeoutMs: 60_000 });
        assert.equal(wasTouched(pair.moments(), first), false, "a node that cannot be rebooted was touched");
      });
    });

    row("a node that was rebooted and still asks for it is not rebooted again, and the next one goes on", async () => {
      await pair({ mode, name: "still", reboot: { kind: "boots", keepSentinel: true } }, async (pair) => {
        const { site, first, second } = pair;
        await assertTold(pair, { code: "StillRequired", says: /still asks for it/ });
        await untilDone(site, { node: second, timeoutMs: 60_000 });
        await sleep(1_500, undefined, { signal });
        assert.equal((await site.host(first).reboots()).length, 1);
        assert.equal((await site.readNode(first)).spec?.unschedulable, undefined);
        assert.equal(await site.readLock(), undefined);
        await untilVerdict(site, { node: first, code: "StillRequired" });
      });
    });
  });
});

function pair(options: Omit<PairOptions, "cluster" | "signal">, work: (pair: Pair) => Promise<void>): Promise<void> {
  return onPair({ cluster, signal, ...options }, work);
}

/** On the Node, in the log of whoever decides, and where events may be told as an Event. */
async function assertTold(
  { site, mode, first, decider }: Pair,
  { code, says }: { readonly code: string; readonly says: RegExp },
): Promise<void> {
  await untilVerdict(site, { node: first, code, says, timeoutMs: 30_000 });
  const words = new RegExp(`${first}: .*${says.source.replace(/^\^/, "")}`);
  await decider.waitForLine(words, { timeoutMs: 1_000 });
  if (mode === "classic") return;
  const told = async () => (await eventsOf(site, first)).find(({ reason }) => reason === code);
  const event = await waitFor(`the event ${code}`, told, { signal, timeoutMs: 5_000 });
  assert.match(event.message, says);
}

/** It is certain that the machine is not on its way down. */
async function untilProvenFailed({ site, first }: Pair): Promise<void> {
  const proven = async () => {
    const { annotations = {} } = (await site.readNode(first)).metadata;
    return annotations["kured.dev/maintenance"]?.includes('"failure"');
  };
  await waitFor(`the reboot of ${first} to be over`, proven, { signal, timeoutMs: 30_000 });
}

async function untilSchedulable(pair: Pair): Promise<void> {
  await untilProvenFailed(pair);
  const { site, first } = pair;
  assert.equal((await site.readNode(first)).spec?.unschedulable, undefined, `${first} was not given back`);
}

/** The second node needs a reboot as well and does not begin. */
async function assertStopped(pair: Pair): Promise<void> {
  const { site, mode, first, second } = pair;
  await sleep(1_500, undefined, { signal });
  assert.equal(wasTouched(pair.moments(), second), false, `${second} has begun although ${first} failed`);
  assert.equal((await site.host(first).reboots()).length, 1, "the command was run again");
  const code = mode === "coordinated" ? "RollOutStopped" : "LockedBy";
  await untilVerdict(site, { node: second, code, says: new RegExp(first) });
}

async function assertGoesOn({ site, first, second }: Pair): Promise<void> {
  await untilDone(site, { node: first, timeoutMs: 60_000 });
  await untilDone(site, { node: second, timeoutMs: 60_000 });
  await waitFor("the lock to be free", async () => (await site.readLock()) === undefined, { signal, timeoutMs: 5_000 });
}

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { HeldWrite } from "../controlplane/proxy/holds.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import { describeWrite } from "./crash/writes.ts";
import { assertOneReboot, modes, onOneNode, untilOver, untilVerdict, type Mode, type OneNode } from "./one-node.ts";
import { startReceiver, type Receiver } from "./receiver.ts";
import { rows } from "./selection.ts";

// What people are told through --notify-url, whatever happens to the daemon and to those who are to be told.

const { cluster, signal } = await suiteCluster();

suite("People are notified of a whole reboot", { concurrency: true }, () => {
  each({
    few: ["classic"],
    title: "the drain, the reboot and the uncordon, each once, in order, in the templates' words",
  })("told", async (one, receiver) => {
    await one.host.requireReboot();
    await untilOver(one);
    await assertOneReboot(one);
    assert.deepEqual(receiver.messages(), messagesOf(one));
  });

  each({
    few: ["classic"],
    title: "nobody can be told: the reboot goes on all the same, and what was missed comes later",
  })("away", async (one, receiver) => {
    const { site, host, phase } = one;
    receiver.away = true;
    await host.requireReboot();
    const given = async () => (await phase()) === "closing" && (await site.readLock()) === undefined;
    await waitFor("the node to be rebooted and its lock to be free", given, { signal, timeoutMs: 40_000 });
    assert.ok(receiver.refused() > 0, "nobody tried to tell anybody");
    receiver.away = false;
    await untilOver(one);
    await assertOneReboot(one);
    assert.deepEqual(receiver.messages(), messagesOf(one));
  });

  each({ few: ["coordinated"], title: "killed after the uncordon and before it was told: the next start tells it" })(
    "killed",
    async (one, receiver) => {
      const uncordoned = heldUncordon(one);
      await one.host.requireReboot();
      await waitFor("the reboot to be told", () => Promise.resolve(receiver.messages().length === 2), { signal });
      // A watch may know of the uncordon before its answer comes: what is told then must not arrive.
      receiver.away = true;
      const held = await uncordoned;
      one.decider.kill("SIGKILL");
      held.drop();
      receiver.away = false;
      assert.deepEqual(receiver.messages(), messagesOf(one).slice(0, 2));
      await untilOver(one);
      // At least once is the promise: what was under way when its sender died may come again.
      assert.deepEqual([...new Set(receiver.messages())], messagesOf(one));
    },
  );

  each({ few: ["coordinated"], title: "the reboot fails and the roll-out stops: told once, with why" })(
    "stopped",
    async (one, receiver) => {
      await one.host.setRebootBehaviour({ kind: "fails", exitCode: 3 });
      await one.host.requireReboot();
      await untilVerdict(one, "Failed");
      await waitFor("somebody to be told", () => Promise.resolve(receiver.messages().length === 3), { signal });
      assert.deepEqual(receiver.messages().slice(0, 2), messagesOf(one).slice(0, 2));
      assert.match(
        receiver.messages()[2] ?? "",
        /^Reboots have stopped: node stopped-c.-n1 needs attention\. The reboot failed: .*exit status 3/,
      );
    },
  );
});

/** A case in each mode, of which `npm test` runs few, with a receiver that answers unless it is away. */
function each({ few, title }: { readonly few: readonly Mode[]; readonly title: string }) {
  return (name: string, work: (one: OneNode, receiver: Receiver) => Promise<void>): void => {
    for (const mode of rows<Mode>({ all: modes, few }))
      test(`${mode}: ${title}`, async () => {
        const receiver = await startReceiver();
        const flags = [
          `--notify-url=generic://127.0.0.1:${receiver.port}/hook?template=json&disabletls=yes`,
          "--message-template-drain=Emptying %s",
          "--message-template-uncordon=%s is back",
        ];
        const counts = (request: Parameters<typeof describeWrite>[0]) =>
          request.method === "PATCH" && describeWrite(request).endsWith("record closing, uncordon");
        try {
          await onOneNode({ cluster, mode, name, flags, counts, signal }, { work: (one) => work(one, receiver) });
        } finally {
          await receiver.stop();
        }
      });
  };
}

/** The write that has taken the cordon off, of which the daemon does not know yet; one that met a conflict is none. */
async function heldUncordon({ deciderProxy, readNode }: OneNode): Promise<HeldWrite> {
  for (let write = 1; ; write += 1) {
    const held = await deciderProxy.holdWrite(write, "after");
    if ((await readNode()).spec?.unschedulable !== true) return held;
    held.release();
  }
}

function messagesOf({ node }: OneNode): readonly string[] {
  return [`Emptying ${node}`, `Rebooting node ${node}`, `${node} is back`];
}

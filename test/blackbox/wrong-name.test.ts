import assert from "node:assert/strict";
import { after, test } from "node:test";
import { onStand } from "./stand.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

test("a DaemonSet that does not exist is named as soon as the lock is wanted, and the node is left alone", async () => {
  await onStand({ nodes: ["n1"], signal }, async (stand) => {
    const daemon = await stand.startClassic("n1", { args: ["--period=1s", "--ds-name=cured"] });
    await stand.host("n1").requireReboot();
    const words = /n1: The lock cannot be read: DaemonSet kube-system\/cured: .*not found/;
    await daemon.waitForLine(words, { timeoutMs: 15_000 });
    // kured's own line for it, of which an alert may have been made.
    await daemon.waitForLine(/level=error msg="Error testing lock: DaemonSet kube-system\/cured: .*not found/);
    const early = daemon.lines().filter(({ text }) => /Error testing lock: it has not been read/.test(text));
    assert.deepEqual(early, []);
    assert.equal(JSON.stringify(stand.node("n1")).includes("unschedulable"), false);
    assert.equal((await stand.host("n1").reboots()).length, 0);
  });
});

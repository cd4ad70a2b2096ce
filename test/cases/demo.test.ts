import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import test from "node:test";

test("npm start without a terminal reboots every node that needs it within a minute and ends with 0", async () => {
  const demo = spawn(process.execPath, ["sim/demo/main.ts"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => demo.once("exit", resolve));
  const said = await text(demo.stdout);
  assert.equal(await ended, 0, said);
  for (const node of ["node-a2", "node-c1", "node-b4", "node-a4", "node-c3", "node-b1"]) {
    assert.match(said, new RegExp(`${node}  \\[Draining\\]`), `${node} was drained`);
    assert.match(said, new RegExp(`${node}  \\[Done\\]`), `${node} came back`);
  }
  const [, seconds = "∞"] = /6 nodes were rebooted in (\d+) s, one after the other/.exec(said) ?? [];
  assert.ok(Number(seconds) <= 60, `it took ${seconds} s`);
  assert.match(said, /Every node is Ready and schedulable, the lock is free, and no record is left behind\./);
});

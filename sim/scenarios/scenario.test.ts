import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { playFile } from "./files.ts";
import { instantMs, wallClock } from "./instants.ts";
import { parseScenario, ScenarioError } from "./scenario.ts";
import { everyVerb } from "./verbs/every.ts";

function lines(...more: readonly string[]): string {
  return ["scenario One", "nodes 2", ...more, "until done"].join("\n");
}

for (const [text, line, sentence] of [
  [lines("at 12:01 n1 needs a coffee"), 3, 'nothing is known of "n1 needs a coffee"'],
  [lines("at 12:01 n3 needs a reboot"), 3, "there is no node n3"],
  [lines("at noon n1 needs a reboot"), 3, '"noon" is no instant; 12:05 and 12:05:30 are, from 12:00 on'],
  [lines("at 11:59 n1 needs a reboot"), 3, '"11:59" is no instant; 12:05 and 12:05:30 are, from 12:00 on'],
  [lines("at 12:02 no alert fires", "at 12:01 an alert fires"), 4, "12:01 is before the line above it"],
  [lines("modes classic both"), 3, '"both" is no mode; classic and coordinated are'],
  [lines("flags --period 1m"), 3, '"--period" is not of the form --name=value'],
  [lines("node 3"), 3, '"node" begins no line; scenario, modes, nodes, flags, at, until do'],
  ["scenario One\nnodes many\nuntil done", 2, '"many": say "3" or "3, control plane n1 n2"'],
  ["scenario One\nnodes 2", 2, 'a line "until <instant>" or "until done" is missing'],
  ["nodes 2\nuntil done", 2, 'a line "scenario <title>" is missing'],
] as const) {
  test(`a scenario that cannot be understood names the line and the reason: ${sentence}`, () => {
    assert.throws(() => parseScenario(text), new ScenarioError(line, sentence));
  });
}

test("what cannot happen when its instant has come names file and line", async () => {
  const script = lines("at 12:01 the VM of n2 is deleted", "at 12:02 n2 needs a reboot");
  const file = { name: "gone.txt", path: "", script, transcripts: new Map() };
  await assert.rejects(playFile(file), /^Error: gone\.txt:4: There is no machine n2 any more$/);
});

test("a machine that joins may be spoken of from then on", () => {
  const { happenings } = parseScenario(lines("at 12:01 a VM n3 joins", "at 12:02 n3 needs a reboot"));
  assert.deepEqual(
    happenings.map(({ atMs, text }) => [atMs, text]),
    [
      [60_000, "a VM n3 joins"],
      [120_000, "n3 needs a reboot"],
    ],
  );
});

test("instants are read and shown by the clock on the wall, also after midnight", () => {
  assert.equal(instantMs("12:05:30"), 330_000);
  assert.equal(instantMs("25:00"), 13 * 3_600_000);
  assert.equal(wallClock(13 * 3_600_000 + 61_999), "25:01:01");
});

test("the page on scenarios lists every sentence that there is, and no other", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/internals/scenarios.md"), "utf8");
  const [, list = ""] = page.split("## What can happen");
  const listed = [...list.matchAll(/^- `([^`]+)`/gm)].map(([, form]) => form);
  assert.deepEqual(
    listed,
    everyVerb.map(({ form }) => form),
  );
});

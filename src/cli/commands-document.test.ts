import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, test } from "node:test";
import { exampleFleet, fleet, locked, recorded, reported } from "../../test/cli/fleet.ts";
import { isJsonObject } from "../core/json.ts";
import { explain } from "./explain.ts";
import { status } from "./status.ts";

let document = "";
before(async () => {
  document = await readFile(new URL("../../docs/commands.md", import.meta.url), "utf8");
});

for (const [command, ...argv] of [
  [status, "status"],
  [explain, "explain", "worker-2"],
] as const) {
  test(`docs/commands.md shows what kured ${argv.join(" ")} prints`, async () => {
    const end = await exampleFleet().run(command, ...argv);
    assert.ok(end.kind === "shown");
    const [, example] = new RegExp(`\`\`\`console\\n\\$ kured ${argv.join(" ")}\\n([^]*?)\`\`\``).exec(document) ?? [];
    assert.equal(example, end.text);
  });
}

test("docs/commands.md names every field of the JSON", async () => {
  const one = fleet();
  one.daemonSet({ ...locked({ nodeID: "n1" }), "kured.dev/pause": "true" });
  one.node("n1", { ...reported(), ...recorded(), "kured.dev/pause": "true", "kured.dev/hold": "true" });
  const end = await one.run(status, "status", "-o", "json");
  assert.ok(end.kind === "shown");
  const parsed: unknown = JSON.parse(end.text);
  const names = [...fieldNames(parsed)];
  assert.ok(names.length > 40);
  for (const name of names) assert.match(document, new RegExp(`[\`.]${name}\``), name);
});

/** The names of all fields, at any depth. */
function fieldNames(value: unknown): ReadonlySet<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item: unknown) => [...fieldNames(item)]));
  if (!isJsonObject(value)) return new Set();
  return new Set([...Object.keys(value), ...Object.values(value).flatMap((field) => [...fieldNames(field)])]);
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

const root = join(import.meta.dirname, "../..");
const importsOf = (path: string): readonly string[] =>
  Array.from(readFileSync(join(root, path), "utf8").matchAll(/(?:from |import\()"([^"]+)"/g), ([, target = ""]) =>
    join(path, "..", target),
  );

test("the demo runs the very compositions of the coordinator and the agent that the artefact runs", () => {
  const artefact = importsOf("src/compose/run.ts");
  const demo = importsOf("sim/demo/actor.ts");
  for (const composition of ["src/compose/agent.ts", "src/compose/coordinator.ts"]) {
    assert.ok(artefact.includes(composition), `${composition} is what dist/kured composes`);
    assert.ok(demo.includes(composition), `${composition} is what npm start composes`);
  }
});

test("the demo wires no loop by hand: it knows kured's loops by their compositions only", () => {
  const demo = ["main", "run", "stage", "actor", "machine", "summary", "screen/plain", "screen/table"];
  const imports = demo.flatMap((file) => importsOf(`sim/demo/${file}.ts`));
  const loops = imports.filter((target) => /^src\/(agent|coordinator|loop)\//.test(target));
  assert.deepEqual(loops, []);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importCycles, reachableFrom } from "./graph.ts";
import { renderLayers, wrongDirections } from "./layers.ts";
import { isTest, parseSource, readSources, root } from "./source.ts";

const sources = readSources();

test("every import goes in the direction of the layer table", () => {
  assertNone(wrongDirections(sources));
});

test("ARCHITECTURE.md shows the layer table of tools/layers.ts", () => {
  const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const shown = /<!-- layers -->\n([^]*?)\n<!-- \/layers -->/.exec(page)?.[1]?.trim();
  const mend = "Put this table between <!-- layers --> and <!-- /layers --> in ARCHITECTURE.md:";
  assert.equal(shown, renderLayers(), `${mend}\n${renderLayers()}`);
});

test("no file imports itself by way of others", () => {
  assertNone(importCycles(sources));
});

test("every source file is reached from main.ts, a command or a test", () => {
  const commands = sources
    .map(({ path }) => path)
    .filter((path) => /^(tools|bench|test)\/|^sim\/[\w-]+\/main\.ts$/.test(path));
  const tests = sources.map(({ path }) => path).filter(isTest);
  const reached = reachableFrom(sources, ["src/main.ts", ...commands, ...tests]);
  assertNone(
    sources
      .filter(({ path }) => !reached.has(path))
      .map(({ path }) => `${path}: nothing imports it. Use or delete it.`),
  );
});

test("the checks themselves find what they are for", async (t) => {
  const wrong: readonly (readonly [string, string])[] = [
    ["src/core/decide.ts", "../ports/clock.ts"],
    ["src/core/decide.ts", "node:fs"],
    ["src/core/decide.ts", "yaml"],
    ["src/ports/clock.ts", "../host/clock.ts"],
    ["src/gates/prometheus.ts", "../notifiers/notifier.ts"],
    ["src/agent/loop.ts", "../host/commands.ts"],
    ["src/agent/loop.ts", "../kube/https.ts"],
    ["src/agent/loop.ts", "../gates/prometheus.ts"],
    ["src/agent/loop.ts", "../coordinator/loop.ts"],
    ["src/agent/loop.ts", "node:timers/promises"],
    ["src/coordinator/loop.ts", "../telemetry/log.ts"],
    ["src/coordinator/perform/evict.ts", "../../config/flags.ts"],
    ["src/kube/client.ts", "./https.ts"],
    ["src/cli/status.ts", "../kube/https-agent.ts"],
    ["src/compose/agent.ts", "../../sim/api/server.ts"],
    ["src/compose/agent.ts", "../../test/controlplane/start.ts"],
    ["src/main.ts", "./agent/loop.ts"],
    ["sim/cluster.ts", "../test/controlplane/start.ts"],
    ["src/newfolder/file.ts", "../core/now.ts"],
  ];
  for (const [path, target] of wrong) {
    await t.test(`${path} may not import ${target}`, () => {
      assert.equal(wrongDirections([parseSource(path, `import { x } from "${target}";\n`)]).length, 1);
    });
  }
  const right: readonly (readonly [string, string])[] = [
    ["src/core/decide.ts", "./lock/table.ts"],
    ["src/agent/loop.ts", "../kube/client.ts"],
    ["src/agent/loop.ts", "../sentinels/sentinel.ts"],
    ["src/kube/https.ts", "node:https"],
    ["src/kube/https-agent.ts", "./client.ts"],
    ["src/compose/agent.ts", "../kube/https.ts"],
    ["src/main.ts", "./compose/cli.ts"],
    ["sim/cluster.ts", "../src/compose/agent.ts"],
    ["src/core/decide.test.ts", "../host/clock.ts"],
  ];
  for (const [path, target] of right) {
    await t.test(`${path} may import ${target}`, () => {
      assertNone(wrongDirections([parseSource(path, `import type {\n  X,\n} from "${target}";\n`)]));
    });
  }
  await t.test("a circle of three files", () => {
    const circle = [
      parseSource("src/core/a.ts", `import { b } from "./b.ts";`),
      parseSource("src/core/b.ts", `export { c } from "./deep/c.ts";`),
      parseSource("src/core/deep/c.ts", `import type { A } from "../a.ts";`),
    ];
    assert.match(
      importCycles(circle).join(),
      /^src\/core\/a.ts → src\/core\/b.ts → src\/core\/deep\/c.ts → src\/core\/a.ts/,
    );
  });
  await t.test("a file that nothing imports", () => {
    const files = [
      parseSource("src/main.ts", `await import("./a.ts");`),
      parseSource("src/a.ts", ""),
      parseSource("src/b.ts", ""),
    ];
    assert.deepEqual([...reachableFrom(files, ["src/main.ts"])], ["src/main.ts", "src/a.ts"]);
  });
});

function assertNone(faults: readonly string[]): void {
  assert.ok(faults.length === 0, `\n${faults.join("\n")}`);
}

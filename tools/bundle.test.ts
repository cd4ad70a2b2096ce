import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "./bundle.ts";
import { root } from "./source.ts";

test("what is shipped holds nothing but src/ and the declared dependencies", async () => {
  const { files, inputs } = await bundle();
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies?: object };
  const allowed = ["src/", ...Object.keys(manifest.dependencies ?? {}).map((name) => `node_modules/${name}/`)];
  const foreign = inputs.filter(
    (path) => !allowed.some((start) => path.startsWith(start)) || path.endsWith(".test.ts"),
  );
  assert.deepEqual(foreign, [], "find who imports it and take it out of the product");
  assert.ok(inputs.includes("src/main.ts") && files.has("kured.mjs"));
});

test("what an agent does not use is not loaded: no library, no other command, and of Node only what is called", async () => {
  const { files } = await bundle();
  for (const [path, text] of files) assert.doesNotMatch(text, /^import .*"node:/m, path);
  const loaded = partsLoadedBy(files, ["kured.mjs", named(files, "run"), named(files, "agent")]);
  const sources = loaded.flatMap((path) => sourcesIn(files.get(path) ?? ""));
  assert.ok(sources.includes("src/agent/attend.ts"));
  assert.deepEqual(
    sources.filter((path) => /^(node_modules|src\/(cli|coordinator|notifiers\/services))\//.test(path)),
    [],
  );
  const bytes = loaded.reduce((sum, path) => sum + (files.get(path)?.length ?? 0), 0);
  assert.ok(bytes < 300_000, `an agent loads ${bytes} bytes of source`);
});

test("what starts does so little before an agent is spared the compiler that nothing is compiled by then", async () => {
  const { files } = await bundle();
  const bytes = partsLoadedBy(files, ["kured.mjs"]).reduce((sum, path) => sum + (files.get(path)?.length ?? 0), 0);
  assert.ok(bytes < 8_000, `${bytes} bytes are loaded at once`);
});

/** With everything that they import at once. */
function partsLoadedBy(files: ReadonlyMap<string, string>, start: readonly string[]): readonly string[] {
  const loaded = new Set(start);
  for (const path of loaded) {
    const imports = (files.get(path) ?? "").matchAll(/^(?:import|\} from) ?[^"(]*"\.\/(?:lib\/)?([^"]+)";$/gm);
    for (const [, name = ""] of imports) loaded.add(`lib/${name}`);
  }
  return [...loaded];
}

function named(files: ReadonlyMap<string, string>, name: string): string {
  return [...files.keys()].find((path) => path.startsWith(`lib/${name}-`)) ?? assert.fail(`no part ${name}`);
}

/** The bundler writes above each file's code where it is from. */
function sourcesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/^ *\/\/ ((?:src|node_modules)\/\S+)$/gm), ([, path = ""]) => path);
}

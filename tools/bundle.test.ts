import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "./bundle.ts";
import { root } from "./source.ts";

test("the shipped file holds nothing but src/ and the declared dependencies", async () => {
  const { code, inputs } = await bundle();
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { dependencies?: object };
  const allowed = ["src/", ...Object.keys(manifest.dependencies ?? {}).map((name) => `node_modules/${name}/`)];
  const foreign = inputs.filter(
    (path) => !allowed.some((start) => path.startsWith(start)) || path.endsWith(".test.ts"),
  );
  assert.deepEqual(foreign, [], "find who imports it and take it out of the product");
  assert.ok(inputs.includes("src/main.ts") && code.length > 0);
});

test("the shipped file does not make Node load its second HTTP client, which costs each process three megabytes", async () => {
  const { code } = await bundle();
  assert.match(code, /getBuiltinModule\("node:https"\)/);
  assert.doesNotMatch(code, /from "node:https?"/);
});

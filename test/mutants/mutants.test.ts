import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { root } from "../../tools/source.ts";
import { complaint, look, patchFolder } from "./catch.ts";
import { readPatch } from "./patch.ts";
import { makeTree } from "./tree.ts";

// A few of the deliberate bugs; `npm run mutants` plants them all.

describe("deliberate bugs", () => {
  const tree = makeTree();
  after(() => tree.remove());
  const patches = globSync("*.patch", { cwd: patchFolder(root) }).map((path) =>
    readPatch(join(patchFolder(root), path)),
  );

  test("each still fits the source, and names who catches it", () => {
    for (const { name, path } of patches) {
      assert.equal(tree.plant(path), undefined, `plant the bug ${name} anew`);
      tree.mend(path);
    }
  });

  for (const name of ["cordon-with-the-claim", "manual-pause-overwritten"])
    test(`${name} is caught by whom its patch names, and by nobody where it is not planted`, () => {
      const patch = patches.find((one) => one.name === name);
      assert.ok(patch);
      assert.deepEqual(look(patch, tree), { silent: patch.tests, rules: [] });
      assert.equal(tree.plant(patch.path), undefined);
      assert.equal(complaint(patch, look(patch, tree)), undefined);
      tree.mend(patch.path);
    });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { runExhaustive } from "../../sim/exhaustive/exhaustive.ts";

test("whichever one or two writes processes die at, no rule is broken and every node is served", async (context) => {
  const lines: string[] = [];
  const code = await runExhaustive({
    argv: ["--jobs=2"],
    handOn: () => assert.fail("this is the whole, not a share"),
    print: (line) => {
      lines.push(line);
      context.diagnostic(line);
    },
  });
  assert.equal(code, 0, lines.join("\n"));
});

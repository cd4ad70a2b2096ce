import assert from "node:assert/strict";
import { test } from "node:test";
import { node, now, view } from "../../core/testing/builders.ts";
import { tellingForeignTaints } from "./foreign-taints.ts";

test("somebody else's taint of our name is told once, and of a node that went and came again once more", () => {
  const lines: string[] = [];
  const log = { write: (level: string, message: string) => void lines.push(`${level} ${message}`) };
  const teller = tellingForeignTaints({ tell: () => Infinity }, { log, name: "kured" });
  const tainted = node({ taints: [{ key: "kured", effect: "NoExecute" }] });
  for (const nodes of [[tainted], [tainted], [], [tainted]]) teller.tell([], { view: view({ nodes }), now });
  const line = 'warning n1: somebody else\'s taint has the name of ours and is left alone: {"key":"kured"';
  assert.deepEqual(
    lines.map((text) => text.startsWith(line)),
    [true, true],
    lines.join("\n"),
  );
});

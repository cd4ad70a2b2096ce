import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action, RecordStep } from "../../core/action.ts";
import { record } from "../../core/testing/builders.ts";
import { createStory } from "../story.ts";

function write(step: RecordStep, unschedulable?: boolean): Action {
  const cordon = unschedulable === undefined ? {} : { unschedulable };
  return {
    kind: "writeRecord",
    key: "record/n1",
    step,
    node: "n1",
    resourceVersion: "1",
    record: record(),
    was: record(),
    ...cordon,
  };
}

const lock = { kind: "writeLedger", key: "ledger", node: "n1", resourceVersion: "1", text: undefined } as const;
const eviction: Action = {
  kind: "evict",
  key: "evict/u",
  node: "n1",
  namespace: "shop",
  pod: "web-0",
  uid: "u",
  gracePeriodSeconds: -1,
};

const rows: readonly (readonly [action: Action, line: string])[] = [
  [write("cordon", true), "Error cordonning n1: cordon error: 403"],
  [write("close", false), "Error uncordonning n1: 403"],
  [{ ...lock, step: "take" }, "Error acquiring lock: 403"],
  [{ ...lock, step: "release" }, "Error releasing lock: 403"],
  [eviction, 'error when evicting pods/"web-0" -n "shop" (will retry): 403'],
];

for (const [action, line] of rows)
  test(`what is refused is told as kured and kubectl tell it: ${line}`, () => {
    const lines: string[] = [];
    const story = createStory({ write: (level, message) => void lines.push(`${level} ${message}`) });
    story.failed(action, { why: "403", expected: false });
    assert.deepEqual(lines, [`warning ${line}`]);
  });

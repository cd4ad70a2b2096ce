import assert from "node:assert/strict";
import { test } from "node:test";

import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

test("A merge patch merges objects, removes by null and replaces lists", () => {
  const document = { a: { b: 1, c: 2 }, l: [1, 2] };
  assert.deepEqual(applyMergePatch(document, { a: { b: null, d: { e: null, f: 3 } }, l: [3] }), {
    a: { c: 2, d: { f: 3 } },
    l: [3],
  });
});

test("A strategic patch merges conditions by type and containers by name, and replaces taints", () => {
  const node = {
    spec: { taints: [{ key: "a" }] },
    status: {
      conditions: [
        { type: "Ready", status: "True", reason: "x" },
        { type: "DiskPressure", status: "False" },
      ],
    },
  };
  const patched = applyStrategicMergePatch(node, {
    spec: { taints: [{ key: "b" }] },
    status: { conditions: [{ type: "Ready", status: "False" }] },
  });
  assert.deepEqual(patched, {
    spec: { taints: [{ key: "b" }] },
    status: {
      conditions: [
        { type: "Ready", status: "False", reason: "x" },
        { type: "DiskPressure", status: "False" },
      ],
    },
  });
});

test("A strategic patch's directives delete and replace", () => {
  const pod = {
    metadata: { finalizers: ["a", "b"], ownerReferences: [{ uid: "1" }, { uid: "2" }] },
    spec: { x: { a: 1, b: 2 } },
  };
  const patched = applyStrategicMergePatch(pod, {
    metadata: {
      "$deleteFromPrimitiveList/finalizers": ["a"],
      ownerReferences: [{ $patch: "delete", uid: "1" }, { uid: "3" }],
    },
    spec: { x: { $patch: "replace", c: 3 } },
  });
  assert.deepEqual(patched, {
    metadata: { finalizers: ["b"], ownerReferences: [{ uid: "3" }, { uid: "2" }] },
    spec: { x: { c: 3 } },
  });
});

test("A strategic patch adds to lists of plain texts such as finalizers, in front", () => {
  assert.deepEqual(applyStrategicMergePatch({ metadata: { finalizers: ["a"] } }, { metadata: { finalizers: ["b"] } }), {
    metadata: { finalizers: ["b", "a"] },
  });
});

test("A strategic patch orders a list as it says itself; what it leaves out stays before what came after it", () => {
  const owners = (...uids: readonly string[]) => ({ metadata: { ownerReferences: uids.map((uid) => ({ uid })) } });
  assert.deepEqual(applyStrategicMergePatch(owners("1", "2", "3"), owners("9", "3", "1")), owners("9", "2", "3", "1"));
});

test("An item without its key is refused", () => {
  assert.throws(
    () => applyStrategicMergePatch({}, { status: { conditions: [{ status: "True" }] } }),
    /does not contain declared merge key: type/,
  );
});

test("Two items of a strategic patch with one key are one, but not where there was no list before", () => {
  const twice = {
    metadata: {
      ownerReferences: [
        { uid: "1", a: 1 },
        { uid: "1", b: 2 },
      ],
    },
  };
  assert.deepEqual(applyStrategicMergePatch({}, twice), twice);
  const before = { metadata: { ownerReferences: [{ uid: "2" }] } };
  const merged = { metadata: { ownerReferences: [{ uid: "1", a: 1, b: 2 }, { uid: "2" }] } };
  assert.deepEqual(applyStrategicMergePatch(before, twice), merged);
});

import assert from "node:assert/strict";
import test from "node:test";
import {
  decodeObject,
  MalformedError,
  readBoolean,
  readObjects,
  readOptionalInteger,
  readOptionalString,
} from "./object.ts";
import { parseJson } from "./wire/json.ts";
import type { Json, JsonObject } from "./wire/json.ts";

const node = {
  kind: "Node",
  metadata: {
    name: "n1",
    uid: "u1",
    resourceVersion: "12",
    labels: { "kubernetes.io/hostname": "n1" },
    annotations: { __proto__x: "y" },
  },
  spec: { unschedulable: true, taints: [{ key: "a" }] },
};

test("an object is its metadata and everything that came with it", () => {
  assert.deepEqual(decodeObject(node), {
    name: "n1",
    namespace: undefined,
    uid: "u1",
    resourceVersion: "12",
    labels: { "kubernetes.io/hostname": "n1" },
    annotations: { __proto__x: "y" },
    deletionTimestamp: undefined,
    raw: node,
  });
});

test("absent labels and annotations are empty", () => {
  const { labels, annotations } = decodeObject({
    metadata: { name: "a", uid: "u", resourceVersion: "1", labels: null },
  });
  assert.deepEqual([labels, annotations], [{}, {}]);
});

const strange: readonly (readonly [string, Json, RegExp])[] = [
  ["a list", [], /the answer should be an object, but is \[\]/],
  ["nothing", null, /the answer should be an object, but is null/],
  ["a text", "hello", /but is hello/],
  ["no metadata", {}, /metadata.name should be a text, but is nothing/],
  ["metadata that is a text", { metadata: "x" }, /metadata.name should be a text, but is nothing/],
  ["an empty name", { metadata: { name: "", uid: "u", resourceVersion: "1" } }, /metadata.name/],
  ["a version that is a number", { metadata: { name: "a", uid: "u", resourceVersion: 1 } }, /resourceVersion .* is 1/],
  [
    "annotations in a list",
    { metadata: { name: "a", uid: "u", resourceVersion: "1", annotations: [1] } },
    /annotations/,
  ],
];

for (const [what, json, message] of strange) {
  test(`${what} in the place of an object is refused with the place and the value`, () => {
    assert.throws(
      () => decodeObject(json),
      (error) => error instanceof MalformedError && message.test(error.message),
    );
  });
}

test("fields are read by their path, absent ones as Kubernetes means them", () => {
  assert.equal(readBoolean(node, "spec.unschedulable"), true);
  assert.equal(readBoolean(node, "spec.other"), false);
  assert.equal(readOptionalString(node, "spec.none.of.these"), undefined);
  assert.equal(readOptionalString(node, "constructor"), undefined);
  assert.equal(readOptionalInteger({ a: 3 }, "a"), 3);
  assert.deepEqual(readObjects(node, "spec.taints"), [{ key: "a" }]);
  assert.deepEqual(readObjects(node, "spec.nothing"), []);
});

test("fields of another type are refused", () => {
  assert.throws(() => readBoolean(node, "kind"), /kind should be true or false, but is Node/);
  assert.throws(() => readOptionalInteger({ a: 1.5 }, "a"), /a should be a whole number, but is 1.5/);
  assert.throws(() => readOptionalString(node, "spec"), /spec should be a text/);
  assert.throws(() => readObjects({ a: [1] }, "a"), /a should be a list of objects, but is 1/);
});

test("numbers that only an int64 holds survive being read and written back", () => {
  const text =
    '{"spec":{"terminationGracePeriodSeconds":9223372036854775807,"n":-9007199254740993,"small":5,"id":"1234567890123456789"}}';
  assert.equal(JSON.stringify(parseJson(text)), text);
  const spec = (parseJson(text) as { spec: JsonObject }).spec;
  assert.equal(spec["small"], 5);
  assert.equal(spec["id"], "1234567890123456789");
});

test("Such numbers keep their digits wherever they stand", () => {
  const long = "1234567890123456789";
  const places = [
    `${long}`,
    `-${long}`,
    `[1,${long}]`,
    `[-${long}]`,
    `{"a":${long},"b":-${long}}`,
    `[[${long}],"${long}"]`,
  ];
  for (const text of places) {
    assert.equal(JSON.stringify(parseJson(text)), text);
    const spaced = text.replaceAll(/[:,[]/g, (sign) => ` ${sign} \n`);
    assert.equal(JSON.stringify(parseJson(spaced)), text, spaced);
    assert.equal(JSON.stringify(parseJson(text.replaceAll(":", " :"))), text);
  }
});

test("what is not JSON is undefined", () => {
  for (const text of ["", "{", "<html>", "{}{}", "undefined", '{"a":1234567890123456789'])
    assert.equal(parseJson(text), undefined);
});

test("a value is shown in few words, however large or deep it is", () => {
  const deep = parseJson(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  const row = `[${"[1,2,3],".repeat(99)}[]]`;
  const wide = parseJson(`[${`{"a":${row},"b":${row}},`.repeat(100)}{}]`);
  for (const found of [deep, wide, "x".repeat(1_000_000), `${" \n".repeat(10_000)}x`]) {
    const { message, excerpt } = new MalformedError("metadata.name", "a text", found);
    assert.ok(message.startsWith("metadata.name should be a text, but is "));
    assert.ok(excerpt.length <= 201, `${excerpt.length} characters`);
  }
  const { excerpt } = new MalformedError("metadata", "a text", { a: [1, { "b c": null }, true], d: 'e"', f: {} });
  assert.equal(excerpt, '{"a":[1,{"b c":null},true],"d":"e\\"","f":{}}');
});

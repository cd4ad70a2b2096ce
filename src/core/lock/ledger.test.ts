import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { createdInstantMs, formatCreated } from "./created.ts";
import { parseLedger } from "./ledger.ts";

function single(text: string) {
  const ledger = parseLedger(text);
  assert.equal(ledger.kind, "single", text);
  if (ledger.kind !== "single") throw new Error(text);
  return ledger.entry;
}

describe("What the lock annotation says", () => {
  test("kured's own value is read field by field", () => {
    const text =
      '{"nodeID":"n1","metadata":{"unschedulable":true},"created":"2023-08-22T15:54:59.276872543Z","TTL":1800000000000}';
    assert.deepEqual(single(text), {
      nodeId: "n1",
      unschedulable: true,
      created: "2023-08-22T15:54:59.276872543Z",
      createdMs: Date.UTC(2023, 7, 22, 15, 54, 59, 276),
      ttlNs: 1_800_000_000_000n,
    });
  });

  test("a lock set by hand has no creation time and no end", () => {
    const manual = { nodeId: "manual", unschedulable: false, created: "", createdMs: undefined, ttlNs: 0n };
    assert.deepEqual(single('{"nodeID":"manual"}'), manual);
    assert.equal(single("{}").nodeId, "");
  });

  test("Go's zero time is no creation time, and a nanosecond later is one", () => {
    assert.equal(single('{"nodeID":"a","created":"0001-01-01T00:00:00Z"}').createdMs, undefined);
    assert.equal(single('{"nodeID":"a","created":"0001-01-01T01:00:00+01:00"}').createdMs, undefined);
    assert.notEqual(single('{"nodeID":"a","created":"0001-01-01T00:00:00.000000001Z"}').createdMs, undefined);
  });

  test("keys count in any case, the last of repeated ones counts, null is like absent, the unknown is ignored", () => {
    assert.equal(single('{"NODEid":"a","ttl":7,"x":{"nodeID":"b"}}').ttlNs, 7n);
    assert.equal(single('{"nodeID":"a","NODEID":"b","nodeID":"c"}').nodeId, "c");
    assert.equal(single('{"nodeID":"c","NODEID":"b"}').nodeId, "b");
    assert.equal(single('{"nodeID":"a","nodeID":null,"created":null,"TTL":null,"metadata":null}').nodeId, "a");
    assert.equal(single('{"nodeID":"a","metadata":{"UNſchedulable":true}}').unschedulable, true);
  });

  test("text inside strings is not taken for structure", () => {
    assert.equal(single('{ "x" : "},{\\"nodeID\\":[" , "node\\u0049D" : "a\\\\" }').nodeId, "a\\");
  });

  test("a TTL keeps all its digits", () => {
    assert.equal(single('{"nodeID":"a","TTL":9223372036854775807}').ttlNs, 9_223_372_036_854_775_807n);
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (ttl) => {
        assert.equal(single(`{"nodeID":"a","TTL":${ttl}}`).ttlNs, ttl);
      }),
    );
  });

  test("an absent annotation and lists with nobody in them are free", () => {
    for (const text of [undefined, '{"maxOwners":2,"locks":[]}', '{"maxOwners":5}', '{"locks":null}'])
      assert.deepEqual(parseLedger(text), { kind: "free" }, String(text));
  });

  test("a list names all its holders in order", () => {
    const ledger = parseLedger('{"maxOwners":2,"locks":[{"nodeID":"a"}, {"nodeID":"b","TTL":1}]}');
    assert.equal(ledger.kind, "multi");
    if (ledger.kind !== "multi") return;
    assert.equal(ledger.maxOwners, 2);
    assert.deepEqual(
      ledger.entries.map(({ nodeId, ttlNs }) => [nodeId, ttlNs]),
      [
        ["a", 0n],
        ["b", 1n],
      ],
    );
  });

  test("what kured would fail on is a pause told with its text, never a free lock", () => {
    const texts = [
      "",
      " ",
      "xyz",
      "null",
      "1",
      '"a"',
      "[]",
      '{"nodeID":',
      '{"nodeID":1}',
      '{"nodeID":"a","TTL":1.8e12}',
    ];
    texts.push('{"TTL":1.5}', '{"TTL":"1"}', '{"TTL":9223372036854775808}', '{"created":""}', '{"created":"soon"}');
    texts.push('{"created":"2024-02-30T00:00:00Z"}', '{"created":"2024-01-01T24:00:00Z"}', '{"created":1}');
    texts.push('{"metadata":1}', '{"metadata":{"unschedulable":"yes"}}', '{"locks":{}}', '{"locks":[1]}');
    texts.push('{"locks":[{"TTL":""}]}', '{"maxOwners":"2"}', '{"nodeID":"a","locks":[]}');
    for (const text of texts) {
      const ledger = parseLedger(text);
      assert.equal(ledger.kind, "unreadable", text);
      if (ledger.kind !== "unreadable") continue;
      assert.equal(ledger.text, text);
      assert.notEqual(ledger.reason, "");
    }
  });

  test("no text at all makes reading it throw", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "nodeID",
      "locks",
      '"nodeID"',
      '"locks"',
      "1",
      "null",
      " ",
    ];
    const anyText = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.constantFrom(...pieces)).map((found) => found.join("")),
    );
    fc.assert(fc.property(anyText, (text) => void parseLedger(text)));
    assert.equal(parseLedger(`${`{"locks":`.repeat(20_000)}1${"}".repeat(20_000)}`).kind, "unreadable");
  });

  test("any JSON object around a name is read like the object itself, however deep its other values are", () => {
    const others = fc.dictionary(
      fc.string().filter((key) => !/^(nodeid|metadata|created|ttl|locks|maxowners)$/iu.test(key)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(others, fc.string(), fc.constantFrom(undefined, 1, 4), (rest, nodeId, indent) => {
        assert.equal(single(JSON.stringify({ ...rest, nodeID: nodeId }, null, indent)).nodeId, nodeId);
      }),
    );
  });
});

describe("Times in the lock", () => {
  test("are written as Go writes them", () => {
    assert.equal(formatCreated(Date.UTC(2024, 4, 5, 14, 15, 0, 0)), "2024-05-05T14:15:00Z");
    assert.equal(formatCreated(Date.UTC(2024, 4, 5, 14, 15, 0, 120)), "2024-05-05T14:15:00.12Z");
    assert.equal(formatCreated(Date.UTC(2024, 4, 5, 14, 15, 10, 5)), "2024-05-05T14:15:10.005Z");
  });

  test("are read back to the millisecond", () => {
    const instants = fc.date({
      min: new Date("1970-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => assert.equal(createdInstantMs(formatCreated(date.getTime())), date.getTime())),
    );
  });

  test("with an offset are the same instant as in UTC", () => {
    assert.equal(createdInstantMs("2024-05-05T16:15:00.5+02:00"), Date.UTC(2024, 4, 5, 14, 15, 0, 500));
  });
});

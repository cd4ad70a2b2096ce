import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { LedgerEntry } from "./entry.ts";
import { parseLedger } from "./ledger.ts";
import { addEntry, newEntry, readWithout, refreshEntry, removeEntry, type EntryIdentity } from "./write.ts";

const nowMs = Date.UTC(2024, 4, 5, 14, 15, 0, 123);

function enter(
  text: string | undefined,
  { over, ...options }: Parameters<typeof addEntry>[1] & { readonly over?: readonly EntryIdentity[] },
) {
  return addEntry(readWithout(text, over), options);
}

function leave(text: string | undefined, identity: EntryIdentity) {
  return removeEntry(readWithout(text), identity);
}

function entry(given: Partial<Parameters<typeof newEntry>[0]> = {}): LedgerEntry {
  return newEntry({ nodeId: "n1", unschedulable: false, wallMs: nowMs, ttlNs: 60_000_000_000n, ...given });
}

/** A list as kured writes it. */
function list(maxOwners: number, ...nodeIds: readonly string[]): string {
  const locks = nodeIds.map((nodeId) => raw(nodeId));
  return `{"maxOwners":${maxOwners},"locks":[${locks.join(",")}]}`;
}

function raw(nodeId: string): string {
  return `{"nodeID":"${nodeId}","metadata":{"unschedulable":false},"created":"2024-05-05T14:14:00Z","TTL":3600000000000}`;
}

const created = "2024-05-05T14:14:00Z";

function owners(text: string | undefined): readonly string[] {
  const ledger = parseLedger(text);
  if (ledger.kind === "multi") return ledger.entries.map(({ nodeId }) => nodeId);
  return ledger.kind === "single" ? [ledger.entry.nodeId] : [];
}

function added(text: string | undefined, options: Parameters<typeof enter>[1]): string {
  const addition = enter(text, options);
  assert.equal(addition.kind, "added");
  return addition.kind === "added" ? addition.text : "";
}

describe("Taking the lock for one node at a time", () => {
  test("writes the bytes that kured writes", () => {
    assert.equal(
      added(undefined, { entry: entry({ ttlNs: 1_800_000_000_000n }), concurrency: 1 }),
      '{"nodeID":"n1","metadata":{"unschedulable":false},"created":"2024-05-05T14:15:00.123Z","TTL":1800000000000}',
    );
    assert.equal(
      added(undefined, { entry: entry({ nodeId: '<a&b>\u2028"', unschedulable: true, ttlNs: 0n }), concurrency: 0 }),
      '{"nodeID":"\\u003ca\\u0026b\\u003e\\u2028\\"","metadata":{"unschedulable":true},"created":"2024-05-05T14:15:00.123Z","TTL":0}',
    );
  });

  test("a lock set by hand keeps everybody out", () => {
    const addition = enter('{"nodeID":"manual"}', { entry: entry(), concurrency: 1 });
    assert.equal(addition.kind, "full");
    assert.deepEqual(addition.kind === "full" && addition.holders.map(({ nodeId }) => nodeId), ["manual"]);
  });

  test("a node that has it already writes nothing", () => {
    assert.equal(enter(raw("n1"), { entry: entry(), concurrency: 1 }).kind, "already");
  });

  test("text that is not a lock is not overwritten", () => {
    for (const text of ["xyz", ""])
      for (const concurrency of [1, 2]) assert.equal(enter(text, { entry: entry(), concurrency }).kind, "unreadable");
  });

  test("an empty list left by a kured of a larger concurrency is free (bug B6: kured waits on it for ever)", () => {
    assert.deepEqual(owners(added('{"maxOwners":2,"locks":[]}', { entry: entry(), concurrency: 1 })), ["n1"]);
  });

  test("a list with somebody in it is waited for", () => {
    const addition = enter(list(3, "n2"), { entry: entry(), concurrency: 1 });
    assert.deepEqual(addition.kind === "mixed" && addition.holders.map(({ nodeId }) => nodeId), ["n2"]);
  });
});

describe("Taking a place among several", () => {
  const options = { entry: entry(), concurrency: 2 };

  test("an empty lock gets a list of one", () => {
    assert.equal(
      added(undefined, options),
      '{"maxOwners":2,"locks":[{"nodeID":"n1","metadata":{"unschedulable":false},"created":"2024-05-05T14:15:00.123Z","TTL":60000000000}]}',
    );
  });

  test("a list with room keeps its holders, also those without a creation time", () => {
    const zero = '{"nodeID":"n2","metadata":null,"created":"0001-01-01T00:00:00Z","TTL":0}';
    const text = added(`{"maxOwners":2,"locks":[${zero}]}`, options);
    assert.deepEqual(owners(text), ["n2", "n1"]);
    assert.ok(text.includes(zero));
  });

  test("a full list lets nobody in and names its holders", () => {
    const addition = enter(list(2, "n2", "n3"), options);
    assert.deepEqual(addition.kind === "full" && addition.holders.map(({ nodeId }) => nodeId), ["n2", "n3"]);
  });

  test("entries that are proven to be over make room", () => {
    const n2 = { nodeId: "n2", created };
    const n3 = { nodeId: "n3", created };
    assert.deepEqual(owners(added(list(2, "n2", "n3"), { ...options, over: [n2] })), ["n3", "n1"]);
    assert.deepEqual(owners(added(list(2, "n2", "n3"), { ...options, over: [n2, n3] })), ["n1"]);
    assert.deepEqual(owners(added(list(2, "n2"), { ...options, over: [n2] })), ["n1"]);
  });

  test("an entry is over only under the creation time that was judged", () => {
    const over = [{ nodeId: "n2", created: "2020-01-01T00:00:00Z" }];
    assert.equal(enter(list(2, "n2", "n3"), { ...options, over }).kind, "full");
  });

  test("a node never gets a second place (bug B7)", () => {
    assert.equal(enter(list(2, "n1"), options).kind, "already");
    const over = [{ nodeId: "n1", created }];
    assert.deepEqual(owners(added(list(2, "n1", "n2"), { ...options, over })), ["n2", "n1"]);
  });

  test("one expired entry among more holders than allowed makes no room (bug B7)", () => {
    const over = [{ nodeId: "n5", created }];
    const addition = enter(list(2, "n2", "n3", "n4", "n5"), { ...options, over });
    assert.deepEqual(addition.kind === "full" && addition.holders.length, 3);
  });

  test("a lock set by hand is not overwritten (bug B6)", () => {
    const addition = enter('{"nodeID":"manual"}', options);
    assert.deepEqual(addition.kind === "mixed" && addition.holders.map(({ nodeId }) => nodeId), ["manual"]);
  });

  test("the list takes over the limit of who writes it, and keeps what it does not know", () => {
    const theirs = '{ "nodeID" : "n2", "extra": [1.0, 1e3, 12345678901234567890] }';
    const text = added(`{"by":"hand","locks":[${theirs}],"maxOwners":7}`, options);
    assert.ok(text.startsWith(`{"maxOwners":2,"locks":[${theirs},`), text);
    assert.ok(text.endsWith(',"by":"hand"}'), text);
  });
});

describe("Giving the lock back", () => {
  const ours = { nodeId: "n1", created };

  test("removes the annotation of a single holder", () => {
    assert.deepEqual(leave(raw("n1"), ours), { kind: "removed", text: undefined });
  });

  test("is refused to anybody else, and to the same node under another creation time", () => {
    assert.equal(leave(raw("n2"), ours).kind, "notFound");
    assert.equal(leave(list(2, "n2"), ours).kind, "notFound");
    assert.equal(leave(raw("n1"), { ...ours, created: "2020-01-01T00:00:00Z" }).kind, "notFound");
    assert.equal(leave(undefined, ours).kind, "notFound");
    assert.equal(leave('{"maxOwners":2,"locks":[]}', ours).kind, "notFound");
  });

  test("leaves a list that cannot be read alone", () => {
    const text = `{"maxOwners":2,"locks":[${raw("n1")},7]}`;
    assert.equal(leave(text, ours).kind, "unreadable");
  });

  test("removes the annotation with the last holder of a list (bug B6: kured leaves an empty list)", () => {
    assert.deepEqual(leave(list(2, "n1"), ours), { kind: "removed", text: undefined });
  });

  test("keeps the limit that was read and the other holders byte for byte", () => {
    assert.deepEqual(leave(list(7, "n0", "n1", "n2"), ours), { kind: "removed", text: list(7, "n0", "n2") });
  });

  test("removes a live entry and not an older one of the same node (bug B7)", () => {
    const live = raw("n1").replace(created, "2024-05-05T14:15:00Z");
    const removal = leave(`{"maxOwners":2,"locks":[${raw("n1")},${live}]}`, {
      ...ours,
      created: "2024-05-05T14:15:00Z",
    });
    assert.deepEqual(removal, { kind: "removed", text: list(2, "n1") });
  });
});

describe("Renewing the lock", () => {
  test("makes our entry end later and changes nobody else's", () => {
    const renewal = refreshEntry(list(2, "n1", "n2"), { nodeId: "n1", created, next: { ttlNs: 7_200_000_000_000n } });
    const expected = `{"maxOwners":2,"locks":[${raw("n1").replace("3600000000000", "7200000000000")},${raw("n2")}]}`;
    assert.deepEqual(renewal, { kind: "refreshed", text: expected });
  });

  test("can move its creation time", () => {
    const next = { ttlNs: 0n, created: "2024-05-05T14:16:00Z" };
    const expected = '{"nodeID":"n1","metadata":{"unschedulable":false},"created":"2024-05-05T14:16:00Z","TTL":0}';
    assert.deepEqual(refreshEntry(raw("n1"), { nodeId: "n1", created, next }), { kind: "refreshed", text: expected });
  });

  test("says when our entry is lost", () => {
    assert.equal(refreshEntry(raw("n2"), { nodeId: "n1", created, next: { ttlNs: 0n } }).kind, "notFound");
    assert.equal(refreshEntry("xyz", { nodeId: "n1", created, next: { ttlNs: 0n } }).kind, "unreadable");
  });
});

describe("Whatever is in the lock", () => {
  const nodeId = fc.stringMatching(/^[a-z]{1,3}$/);
  const foreign = fc
    .record({ nodeID: nodeId, TTL: fc.nat(), more: fc.jsonValue(), indent: fc.constantFrom(undefined, 2) })
    .map(({ indent, ...value }) => JSON.stringify(value, null, indent));
  const annotation = fc.oneof(
    fc.constant(undefined),
    foreign,
    fc
      .record({ maxOwners: fc.nat(5), locks: fc.array(foreign, { maxLength: 5 }) })
      .map(({ maxOwners, locks }) => `{"maxOwners":${maxOwners},"locks":[${locks.join(", ")}]}`),
  );
  const claim = fc.record({
    nodeId,
    unschedulable: fc.boolean(),
    wallMs: fc.integer({ min: 1, max: 4e12 }),
    ttlNs: fc.bigInt(0n, 2n ** 63n - 1n),
  });
  const slots = fc.integer({ min: 0, max: 5 });

  test("taking and giving back restores the holders", () => {
    fc.assert(
      fc.property(annotation, claim, slots, (text, holder, concurrency) => {
        const mine = newEntry(holder);
        const addition = enter(text, { entry: mine, concurrency });
        if (addition.kind !== "added") return;
        const removal = leave(addition.text, mine);
        assert.equal(removal.kind, "removed");
        if (removal.kind !== "removed") return;
        assert.deepEqual(holdersOf(removal.text), holdersOf(text));
      }),
    );
  });

  test("nobody gets in beyond the limit, and what is written is read back", () => {
    fc.assert(
      fc.property(annotation, claim, slots, (text, holder, concurrency) => {
        const mine = newEntry(holder);
        const addition = enter(text, { entry: mine, concurrency });
        if (addition.kind !== "added") return;
        const after = holdersOf(addition.text);
        assert.ok(after.length <= Math.max(1, concurrency));
        assert.equal(parseLedger(addition.text).kind, concurrency > 1 ? "multi" : "single");
        assert.deepEqual(after, [...holdersOf(text), mine]);
      }),
    );
  });

  test("the entries of others keep their bytes", () => {
    fc.assert(
      fc.property(fc.array(foreign, { maxLength: 4 }), claim, (theirs, holder) => {
        const mine = newEntry(holder);
        const text = `{"maxOwners":9,"locks":[${theirs.join(",")}]}`;
        const addition = enter(text, { entry: mine, concurrency: 9 });
        if (addition.kind !== "added") return;
        const renewal = refreshEntry(addition.text, { ...mine, next: { ttlNs: 1n } });
        assert.equal(renewal.kind, "refreshed");
        const prefix = `{"maxOwners":9,"locks":[${theirs.map((one) => `${one},`).join("")}`;
        assert.ok(addition.text.startsWith(prefix));
        assert.ok(renewal.kind === "refreshed" && renewal.text.startsWith(prefix));
      }),
    );
  });

  function holdersOf(text: string | undefined): readonly LedgerEntry[] {
    const ledger = parseLedger(text);
    if (ledger.kind === "multi") return ledger.entries;
    return ledger.kind === "single" ? [ledger.entry] : [];
  }
});

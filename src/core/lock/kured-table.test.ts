import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCreated, zeroCreated } from "./created.ts";
import { parseLedger } from "./ledger.ts";
import { entriesOf } from "./place.ts";
import { standing } from "./standing.ts";
import { addEntry, newEntry, readWithout } from "./write.ts";

// Whom kured lets into its lock, from the text in the annotation to the text that is written back. Where kured lets in
// too many or overwrites somebody (bugs B6 and B7), the row says what must not happen.

const nowMs = Date.UTC(2024, 4, 5, 14, 15);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Held {
  readonly node: string;
  /** How old the entry is; without it, it has neither a creation time nor a TTL. */
  readonly ageMs?: number;
  readonly ttlMs?: number;
}

const valid = (node: string): Held => ({ node, ageMs: minuteMs, ttlMs: hourMs });
const expired = (node: string): Held => ({ node, ageMs: hourMs, ttlMs: minuteMs });

function textOf({ node, ageMs, ttlMs = 0 }: Held): string {
  const created = ageMs === undefined ? zeroCreated : formatCreated(nowMs - ageMs);
  return `{"nodeID":"${node}","metadata":{"unschedulable":false},"created":"${created}","TTL":${ttlMs * 1e6}}`;
}

function list(maxOwners: number, ...held: readonly Held[]): string {
  return `{"maxOwners":${maxOwners},"locks":[${held.map(textOf).join(",")}]}`;
}

interface Row {
  readonly name: string;
  readonly text?: string;
  readonly concurrency: number;
  /** The holders afterwards; without them n1 is not let in. */
  readonly owners?: readonly string[];
}

const rows: readonly Row[] = [
  { name: "nobody has it", concurrency: 2, owners: ["n1"] },
  { name: "n2 has one of two places", text: list(2, { node: "n2" }), concurrency: 2, owners: ["n2", "n1"] },
  { name: "n2 and n3 have both places", text: list(2, valid("n2"), valid("n3")), concurrency: 2 },
  { name: "one of two is expired", text: list(2, expired("n2"), valid("n3")), concurrency: 2, owners: ["n3", "n1"] },
  { name: "both are expired", text: list(2, expired("n2"), expired("n3")), concurrency: 2, owners: ["n1"] },
  {
    name: "an expired one beside a free place is dropped",
    text: list(2, expired("n2")),
    concurrency: 2,
    owners: ["n1"],
  },
  { name: "n1's own expired one is replaced (B7)", text: list(2, expired("n1")), concurrency: 2, owners: ["n1"] },
  {
    name: "one of four is expired where two are allowed (B7)",
    text: list(2, valid("n2"), valid("n3"), valid("n4"), expired("n5")),
    concurrency: 2,
  },
  { name: "an empty list (B6)", text: '{"maxOwners":2,"locks":[]}', concurrency: 1, owners: ["n1"] },
  { name: "a lock set by hand", text: '{"nodeID":"manual"}', concurrency: 1 },
  { name: "a lock set by hand where several are allowed (B6)", text: '{"nodeID":"manual"}', concurrency: 2 },
  { name: "a valid lock of n1 itself", text: textOf(valid("n1")), concurrency: 1, owners: ["n1"] },
  { name: "another's valid lock", text: textOf(valid("n2")), concurrency: 1 },
  { name: "another's expired lock", text: textOf(expired("n2")), concurrency: 1, owners: ["n1"] },
  { name: "another's lock of years ago without a TTL", text: textOf({ node: "n2", ageMs: 4e10 }), concurrency: 1 },
  { name: "no JSON", text: "xyz", concurrency: 1 },
  { name: "an annotation without a text", text: "", concurrency: 1 },
];

const inService = { kind: "present", uid: "u", ready: true, unschedulable: false, settledForMs: hourMs } as const;

for (const { name, text, concurrency, owners } of rows)
  test(`the lock with ${concurrency === 1 ? "one place" : "two places"}: ${name}`, () => {
    const over = entriesOf(parseLedger(text)).filter((entry) => {
      const node = entry.nodeId === "manual" ? ({ kind: "gone" } as const) : inService;
      return standing(entry, { wallMs: nowMs, node, settleMs: 4 * minuteMs }).kind === "expired";
    });
    const entry = newEntry({ nodeId: "n1", unschedulable: false, wallMs: nowMs, ttlNs: 60_000_000_000n });
    const addition = addEntry(readWithout(text, over), { entry, concurrency });
    if (owners === undefined) return assert.ok(!["added", "already"].includes(addition.kind), addition.kind);
    assert.ok(addition.kind === "added" || addition.kind === "already", addition.kind);
    const written = addition.kind === "added" ? addition.text : text;
    assert.deepEqual(
      entriesOf(parseLedger(written)).map(({ nodeId }) => nodeId),
      owners,
    );
  });

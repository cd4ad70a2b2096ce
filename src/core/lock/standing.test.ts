import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatCreated, zeroCreated } from "./created.ts";
import type { LedgerEntry } from "./entry.ts";
import { standing } from "./standing.ts";
import type { HolderNode, StandingScene } from "./standing.ts";

const nowMs = Date.UTC(2024, 4, 5, 14, 15);
const secondNs = 1_000_000_000n;

function entry(given: { nodeId?: string; ageMs?: number; ttlNs?: bigint } = {}): LedgerEntry {
  const { nodeId = "n1", ageMs = 60_000, ttlNs = 0n } = given;
  const createdMs = nowMs - ageMs;
  return { nodeId, unschedulable: false, created: formatCreated(createdMs), createdMs, ttlNs };
}

const undated: LedgerEntry = { ...entry(), created: zeroCreated, createdMs: undefined };

function present(given: Partial<HolderNode & { kind: "present" }> = {}): HolderNode {
  return { kind: "present", uid: "u1", ready: true, unschedulable: false, settledForMs: 3_600_000, ...given };
}

function scene(given: Partial<StandingScene> = {}): StandingScene {
  return { wallMs: nowMs, node: present(), settleMs: 60_000, ...given };
}

describe("A lock entry without a creation time", () => {
  test("is a pause by hand where no such node exists", () => {
    assert.deepEqual(standing(undated, scene({ node: { kind: "gone" } })), { kind: "pauseByHand" });
  });
  test("is an old kured's where its node exists", () => {
    assert.deepEqual(standing(undated, scene()), { kind: "heldOld" });
  });
  test("is held as long as nobody knows which of the two it is", () => {
    assert.deepEqual(standing(undated, scene({ node: { kind: "unknown" } })), { kind: "held" });
  });
  test("is never over, whatever TTL it names", () => {
    assert.deepEqual(standing({ ...undated, ttlNs: 1n }, scene()), { kind: "heldOld" });
  });
});

describe("A lock entry of another kured", () => {
  test("of four years ago without a TTL is held", () => {
    assert.deepEqual(standing(entry({ ageMs: 4 * 365 * 86_400_000 }), scene()), { kind: "held" });
  });
  test("with a negative TTL is held, as in kured", () => {
    assert.deepEqual(standing(entry({ ttlNs: -1n }), scene()), { kind: "held" });
  });
  test("created now for a second is held until then", () => {
    assert.deepEqual(standing(entry({ ageMs: 0, ttlNs: secondNs }), scene()), { kind: "held", untilMs: nowMs + 1_000 });
  });
  test("created in the future is held", () => {
    const future = entry({ ageMs: -3_600_000, ttlNs: secondNs });
    assert.deepEqual(standing(future, scene()), { kind: "held", untilMs: nowMs + 3_601_000 });
  });
  test("is over at the very instant at which its TTL ends", () => {
    const old = entry({ ageMs: 1_000, ttlNs: secondNs });
    assert.deepEqual(standing(old, scene()), { kind: "expired", sinceMs: nowMs });
    assert.equal(standing(old, scene({ wallMs: nowMs - 1 })).kind, "held");
    assert.equal(standing({ ...old, ttlNs: secondNs + 1n }, scene()).kind, "held");
  });
  test("with a TTL of 292 years does not overflow into the past", () => {
    assert.equal(standing(entry({ ttlNs: 2n ** 63n - 1n }), scene()).kind, "held");
  });
  test("is waited for beyond its TTL while its node is not back in service", () => {
    const old = entry({ ageMs: 2_000, ttlNs: secondNs });
    const nodes = [present({ ready: false }), present({ unschedulable: true }), present({ settledForMs: 59_999 })];
    const reasons = [...nodes, { kind: "unknown" } as const].map((node) => {
      const meaning = standing(old, scene({ node }));
      assert.equal(meaning.kind, "expiredUnsettled");
      return meaning.kind === "expiredUnsettled" ? meaning.reason : "";
    });
    assert.equal(new Set(reasons).size, nodes.length + 1);
    assert.ok(!reasons.includes(""));
  });
  test("is over once the API server says that its node does not exist", () => {
    assert.deepEqual(standing(entry(), scene({ node: { kind: "gone" } })), { kind: "holderGone" });
    assert.deepEqual(standing(entry({ ttlNs: secondNs }), scene({ node: { kind: "gone" } })), { kind: "holderGone" });
  });
});

describe("A lock entry that we recorded", () => {
  const mine = entry({ ageMs: 2_000, ttlNs: secondNs });
  const record = { created: mine.created, nodeUid: "u1" };

  test("is ours, also beyond its TTL", () => {
    assert.deepEqual(standing(mine, scene({ record })), { kind: "ours" });
    assert.deepEqual(standing(mine, scene({ record, node: { kind: "unknown" } })), { kind: "ours" });
  });
  test("is over once its machine is gone or replaced", () => {
    assert.deepEqual(standing(mine, scene({ record, node: { kind: "gone" } })), { kind: "holderGone" });
    assert.deepEqual(standing(mine, scene({ record, node: present({ uid: "u2" }) })), { kind: "holderGone" });
  });
  test("keeps its place until the deadline while the machine reboots and registers anew", () => {
    const rebooting = { ...record, keptUntilMs: nowMs + 1 };
    for (const node of [{ kind: "gone" } as const, present({ uid: "u2" })]) {
      assert.deepEqual(standing(mine, scene({ record: rebooting, node })), { kind: "ours" });
      assert.deepEqual(standing(mine, scene({ record: { ...rebooting, keptUntilMs: nowMs }, node })), {
        kind: "holderGone",
      });
    }
  });
  test("is foreign under another creation time", () => {
    const other = { ...record, created: "2020-01-01T00:00:00Z" };
    assert.equal(standing(mine, scene({ record: other })).kind, "expired");
  });
});

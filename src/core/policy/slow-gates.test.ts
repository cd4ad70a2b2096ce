import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../question.ts";
import { answers, node, now, policy, view } from "../testing/builders.ts";
import { gatesNow } from "./gates.ts";

// A Prometheus with much to do needs seconds for its answer, which is longer than an answer stays fresh.

const gates = [
  { name: "alerts", scope: "fleet" },
  { name: "pods", scope: "node" },
] as const;
const scene = { policy: policy({ gates }), now, stopped: [] };

function open({ askedAgoMs, answeredAgoMs }: { askedAgoMs: number; answeredAgoMs?: number }): Answer {
  const observedAtMs = now.monotonicMs - askedAgoMs;
  const answered = answeredAgoMs === undefined ? {} : { answeredAtMs: now.monotonicMs - answeredAgoMs };
  return { kind: "gate", state: { kind: "open" }, observedAtMs, ...answered };
}

function gatesOf(alerts: Answer, { pods, sinceMs }: { pods?: Answer; sinceMs?: number } = {}) {
  const known = answers({ "gate/alerts": alerts, ...(pods && { "gate/pods/n1": pods }) });
  const since = sinceMs === undefined ? {} : { sinceMs };
  return gatesNow(node(), { scene: { ...scene, view: view({ answers: known }) }, freshForMs: 2_000, ...since });
}

const pods = open({ askedAgoMs: 100, answeredAgoMs: 50 });

test("a gate's answer stays fresh from when it came, however long it took", () => {
  assert.equal(gatesOf(open({ askedAgoMs: 3_999, answeredAgoMs: 1_999 }), { pods }).kind, "open");
  assert.equal(gatesOf(open({ askedAgoMs: 4_001, answeredAgoMs: 2_001 }), { pods }).kind, "ask");
});

test("an answer that was asked for before the write does not count, however late it came", () => {
  const sinceMs = now.monotonicMs - 3_000;
  assert.equal(gatesOf(open({ askedAgoMs: 3_001, answeredAgoMs: 1 }), { pods, sinceMs }).kind, "ask");
  assert.equal(gatesOf(open({ askedAgoMs: 3_000, answeredAgoMs: 1 }), { pods, sinceMs }).kind, "open");
});

test("of several gates the faster ones wait for the slowest", () => {
  const slow = open({ askedAgoMs: 9_000, answeredAgoMs: 0 });
  assert.equal(gatesOf(slow, { pods: open({ askedAgoMs: 8_990, answeredAgoMs: 8_980 }) }).kind, "open");
  assert.equal(gatesOf(slow, { pods: open({ askedAgoMs: 9_020, answeredAgoMs: 9_010 }) }).kind, "ask");
});

test("while one gate takes its time, the others are due at a fixed instant, so that nobody turns without end", () => {
  const asked = gatesOf(open({ askedAgoMs: 999 }), { sinceMs: now.monotonicMs - 1_000 });
  assert.deepEqual(asked, {
    kind: "ask",
    questions: [
      { kind: "gate", gate: "alerts", freshForMs: 2_000 },
      { kind: "gate", gate: "pods", node: "n1", freshForMs: 1_000 },
    ],
  });
});

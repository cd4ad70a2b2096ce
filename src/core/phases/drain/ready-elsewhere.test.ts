import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Decision } from "../../decide.ts";
import type { PodFacts } from "../../drain/pod.ts";
import type { MaintenanceRecord } from "../../fleet/record.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Answer } from "../../question.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  node,
  now,
  pod,
  podsAnswer,
  policy,
  recordReading,
  reportReading,
  view,
} from "../../testing/builders.ts";
import { sentence } from "../../verdict/sentence.ts";

const minuteMs = 60_000;
const owners = ["replicasets/shop/web", "statefulsets/shop/db"];

interface Given {
  readonly waits?: Policy["readyElsewhere"]["waits"];
  readonly record?: Partial<MaintenanceRecord>;
  readonly pods?: readonly PodFacts[];
  /** The record names no owners yet. */
  readonly unwritten?: boolean;
  /** Replicas that each of the two owners lacks. */
  readonly missing?: readonly [number, number];
  readonly observedAgoMs?: number;
}

/** A node that is drained, or given back, since half a minute. */
function decided({
  waits = "reboot",
  pods = [],
  missing,
  observedAgoMs = 0,
  unwritten = false,
  ...given
}: Given): Decision {
  const sinceMs = now.wallMs - minuteMs / 2;
  const named = unwritten ? {} : { owners };
  const facts = node({
    unschedulable: true,
    report: reportReading({ nonce: "n" }),
    record: recordReading({ phase: "draining", cordon: "ours", drainedAtMs: sinceMs, ...named, ...given.record }),
  });
  const observedAtMs = now.monotonicMs - observedAgoMs;
  const replicas = (missing ?? []).map((count, index): [string, Answer] => [
    `replicas/${owners[index]}`,
    { kind: "replicas", missing: count, observedAtMs },
  ]);
  const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]), ...Object.fromEntries(replicas) });
  const scene = view({ nodes: [facts], ledger: ledger(entryText()), answers: seen });
  return decide(scene, policy({ readyElsewhere: { waits, timeoutMs: 5 * minuteMs } }), now);
}

/** What is done about the node, and else what is said. */
function outcome(given: Given): string {
  const { actions, verdicts } = decided(given);
  const [action] = actions;
  if (action?.kind === "writeRecord" || action?.kind === "writeLedger") return action.step;
  if (action) return action.kind;
  const [reason] = verdicts[0]?.reasons ?? [];
  return reason === undefined ? "" : sentence(reason);
}

describe("Who replaces the pods of a drained node", () => {
  test("is written down before the first pod goes, and only where something waits for it", () => {
    const controller = { apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "u" };
    const job = { apiVersion: "batch/v1", kind: "Job", name: "once", uid: "j" };
    const pods = [
      pod(),
      pod({ name: "db-0", controller }),
      pod({ name: "web-2" }),
      pod({ name: "j", controller: job }),
    ];
    const begun = { pods, unwritten: true };
    const [action] = decided(begun).actions;
    assert.ok(action?.kind === "writeRecord" && action.step === "owners");
    assert.deepEqual(action.record?.owners, owners);
    assert.equal(outcome({ ...begun, waits: "nothing" }), "evict");
    assert.equal(outcome({ pods }), "evict");
  });

  test("keeps the reboot waiting until all its replicas are ready", () => {
    const until = "until 2026-05-05T12:04:30.000Z at the latest";
    const words = `the replicas of shop/db (2 missing) to be ready, ${until}`;
    assert.equal(outcome({ missing: [0, 2] }), `The node is drained and waits for ${words}.`);
    assert.equal(outcome({ missing: [0, 0] }), "approve");
    assert.equal(outcome({ missing: [0, 2], waits: "next" }), "approve");
  });

  test("is asked again after the last pod went, because who counts is a little late", () => {
    const { actions, questions } = decided({ missing: [0, 0], observedAgoMs: minuteMs / 2 - 1_000 });
    assert.deepEqual(actions, []);
    assert.equal(questions.filter(({ kind }) => kind === "replicas").length, 2);
  });

  test("is not asked before who counts has had two seconds, and then not all the time", () => {
    const justNow = { drainedAtMs: now.wallMs - 500 };
    const { questions, wakeAtMs } = decided({ record: justNow });
    assert.ok(!questions.some(({ kind }) => kind === "replicas"));
    assert.equal(wakeAtMs, now.monotonicMs + 1_500);
    const ages = decided({ missing: [1, 1] }).questions.flatMap((one) =>
      one.kind === "replicas" ? [one.freshForMs] : [],
    );
    assert.deepEqual(ages, [7_500, 7_500]);
  });

  test("is not waited for without end", () => {
    const long = { drainedAtMs: now.wallMs - 5 * minuteMs };
    assert.equal(outcome({ missing: [1, 1], record: long }), "approve");
    assert.equal(decided({ missing: [1, 1] }).wakeAtMs, now.monotonicMs + 4.5 * minuteMs);
  });

  test("keeps the lock from the next node where only that is wanted", () => {
    const back = { phase: "closing", outcome: "done", cordon: "none", phaseSinceMs: now.wallMs - minuteMs } as const;
    const given = { waits: "next", record: back } as const;
    assert.match(
      outcome({ ...given, missing: [3, 0] }),
      /the lock is kept for the replicas of shop\/web \(3 missing\)/,
    );
    assert.equal(outcome({ ...given, missing: [0, 0] }), "release");
    assert.equal(outcome({ ...given, waits: "reboot", missing: [3, 0] }), "release");
    const withdrawn = { ...back, outcome: "withdrawn" } as const;
    assert.equal(outcome({ waits: "next", record: withdrawn, missing: [3, 0] }), "release");
  });

  test("is nobody where a stranger wrote other owners into the record", () => {
    assert.equal(outcome({ record: { owners: ["secrets/kube-system/token", "", "replicasets"] } }), "approve");
  });
});

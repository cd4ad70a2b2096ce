import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../decide.ts";
import {
  agentPod,
  entryText,
  ledger,
  node,
  now,
  podsAnswer,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import { budget, budgetsAnswer, decided, web } from "../testing/feasibility-scene.ts";
import { World } from "../testing/model/world.ts";

describe("Who waits while a node cannot be drained", () => {
  const stuck = podsAnswer([agentPod(), web]);

  test("is not kept waiting: the next one goes", () => {
    const next = node({ name: "n2", report: reportReading({ pod: "agent-2", sinceMs: now.wallMs - 60_000 }) });
    const free = podsAnswer([agentPod({ uid: "agent-2", nodeName: "n2" })]);
    const decision = decided({ pods: [web], budgets: [budget()], others: [next], more: { "pods/n2": free } });
    assert.deepEqual(
      decision.verdicts.map(({ reasons }) => reasons[0].code),
      ["DrainInfeasible", "Claiming"],
    );
    assert.deepEqual(
      decision.actions.map(({ node: name }) => name),
      ["n2"],
    );
  });

  test("is looked at before it is anybody's turn, the first of those who wait and one more for each place", () => {
    const busy = node({
      name: "n0",
      unschedulable: true,
      record: recordReading({ phase: "draining", machine: "uid-n0" }),
    });
    const waiting = ["n1", "n2", "n3", "n4"].map((name, at) =>
      node({ name, report: reportReading({ sinceMs: now.wallMs - 9_000 + at }) }),
    );
    const scene = view({
      nodes: [busy, ...waiting],
      ledger: ledger(entryText({ node: "n0", created: record().lock })),
      answers: new Map([
        ["pods/n1", stuck],
        ["budgets/shop", budgetsAnswer([budget()])],
      ]),
    });
    const decision = decide(scene, policy({ drainFeasibility: "block" }), now);
    const codes = new Map(decision.verdicts.map(({ node: name, reasons }) => [name, reasons.map(({ code }) => code)]));
    assert.deepEqual(codes.get("n1"), ["DrainInfeasible", "BudgetFull"]);
    assert.deepEqual(codes.get("n2"), ["BudgetFull"], "nobody who can go is before it");
    assert.deepEqual(codes.get("n3"), ["BudgetFull", "Queued"]);
    const asked = decision.questions.flatMap((question) => (question.kind === "pods" ? [question.node] : []));
    assert.deepEqual(
      asked.filter((name) => name !== "n0").toSorted(),
      ["n1", "n2", "n3"],
      "and of n4 nothing is asked",
    );
  });

  test("is one of many such nodes: only of the first ten the pods are followed, of the others they are listed seldom", () => {
    const nodes = Array.from({ length: 14 }, (_, at) => node({ name: `n${10 + at}` }));
    const known = (observedAtMs: number) =>
      new Map([
        ...nodes.map(({ name }) => [`pods/${name}`, podsAnswer([agentPod(), web], observedAtMs)] as const),
        ["budgets/shop", budgetsAnswer([budget()])] as const,
      ]);
    const followed = (observedAtMs: number) => {
      const scene = view({ nodes, answers: known(observedAtMs) });
      const decision = decide(scene, policy({ drainFeasibility: "block" }), now);
      assert.deepEqual(new Set(decision.verdicts.map(({ reasons }) => reasons[0].code)), new Set(["DrainInfeasible"]));
      return { pods: decision.questions.filter(({ kind }) => kind === "pods").length, wakeAtMs: decision.wakeAtMs };
    };
    const { restingMs } = policy().freshness;
    assert.deepEqual(followed(now.monotonicMs - 1_000), { pods: 10, wakeAtMs: now.monotonicMs - 1_000 + restingMs });
    assert.deepEqual(followed(now.monotonicMs - restingMs), { pods: 14, wakeAtMs: Infinity });
  });

  test("in a whole cluster, nothing is touched until the budget opens, and then at once", () => {
    const world = new World({
      mode: "coordinated",
      seed: 1,
      nodes: [
        { controlPlane: false, pods: 1, needAtMs: 0 },
        { controlPlane: false, pods: 0, needAtMs: 0 },
      ],
      policy: { drainFeasibility: "block" },
    });
    world.cluster.closedBudgets.add("web");
    world.timeline.runUntil(world.timeline.nowMs + 10 * 60_000);
    assert.deepEqual(world.rules.broken, []);
    assert.ok(!world.log.some((line) => line.includes("intend n1")), "n1 was begun");
    assert.equal(world.hosts.get("n2")?.need, "notRequired", "n2 was not served");
    world.cluster.closedBudgets.delete("web");
    world.timeline.runUntil(world.timeline.nowMs + 3 * 60_000);
    assert.deepEqual(world.leftovers(), []);
  });
});

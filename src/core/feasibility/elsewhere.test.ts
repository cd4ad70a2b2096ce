import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Answer } from "../question.ts";
import { now } from "../testing/builders.ts";
import { asks, budget, codeOf, decided, reasonsOf, web, wordsOf } from "../testing/feasibility-scene.ts";

describe("A pod that could run on no other node", () => {
  const pinned = { ...web, placement: { nodeSelector: { disk: "n1" } } };

  test("is told, and its node is drained; it comes back with the node", () => {
    const decision = decided({ pods: [pinned], budgets: [] });
    assert.deepEqual(
      reasonsOf(decision).map(({ code }) => code),
      ["Claiming", "DrainInfeasible"],
    );
    assert.equal(decision.actions.length, 1);
  });

  test("keeps its node from being drained where policy is strict", () => {
    const decision = decided({ pods: [pinned], budgets: [], given: { drainFeasibility: "strict" } });
    const words = "Pod shop/web-1 could run on no other node: 1 does not match its node selector or affinity.";
    assert.equal(wordsOf(decision), `No drain is begun because of 1 pod: ${words}`);
  });

  test("is not told before the budgets have been seen, nor where one of those keeps the node from being drained", () => {
    const codes = (decision: ReturnType<typeof decided>) => reasonsOf(decision).map(({ code }) => code);
    assert.deepEqual(codes(decided({ pods: [pinned], budgets: undefined })), ["Claiming"]);
    const words = "PDB shop/web lets pod shop/web-1 never go: 2 of 2 healthy, needs 2.";
    assert.equal(
      wordsOf(decided({ pods: [pinned], budgets: [budget()] })),
      `No drain is begun because of 1 pod: ${words}`,
    );
  });

  test("is nobody's concern where nobody would replace it, or where there is no other node at all", () => {
    const { controller, ...bare } = pinned;
    assert.ok(controller);
    const given = { drainFeasibility: "strict" } as const;
    assert.equal(codeOf(decided({ pods: [bare], budgets: [], given })), "Claiming");
    assert.equal(codeOf(decided({ pods: [pinned], budgets: [], others: [], given })), "Claiming");
  });

  test("is nobody's concern when it has ended: its owner wants no other one", () => {
    const given = { drainFeasibility: "strict" } as const;
    for (const phase of ["Succeeded", "Failed"]) {
      const pods = [{ ...pinned, phase }];
      const decision = decided({ pods, budgets: [], given });
      assert.deepEqual([codeOf(decision), decision.actions.length], ["Claiming", 1], phase);
      const alive = { ...pinned, name: "web-2", uid: "uid-web-2" };
      assert.match(wordsOf(decided({ pods: [...pods, alive], budgets: [], given })), /Pod shop\/web-2 could run/);
    }
  });

  test("is not asked after its volume when it has ended", () => {
    const pods = [{ ...web, phase: "Succeeded", placement: { claims: ["data"] } }];
    assert.equal(asks(decided({ pods, budgets: [] }), "volume"), false);
  });

  test("may be tied by its volume, where we may read that", () => {
    const pods = [{ ...web, placement: { claims: ["data"] } }];
    const given = { drainFeasibility: "strict" } as const;
    const waiting = decided({ pods, budgets: [], given });
    assert.deepEqual([codeOf(waiting), waiting.actions, asks(waiting, "volume")], ["Claiming", [], true]);
    const requirement = { key: "zone", operator: "In", values: ["a"] };
    const bound = (nodes: Extract<Answer, { kind: "volume" }>["nodes"]): Answer => ({
      kind: "volume",
      observedAtMs: now.monotonicMs,
      ...(nodes && { nodes }),
    });
    const inZone = bound([{ labels: [requirement], fields: [] }]);
    const decision = decided({ pods, budgets: [], given, more: { "volume/shop/data": inZone } });
    assert.match(wordsOf(decision), /1 is out of reach of its volume\.$/);
    assert.equal(
      codeOf(decided({ pods, budgets: [], given, more: { "volume/shop/data": bound(undefined) } })),
      "Claiming",
    );
  });
});

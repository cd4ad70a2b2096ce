import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../../decide.ts";
import type { Answer } from "../../question.ts";
import { waiting } from "../../testing/phase-scenes.ts";
import { agentPod, answers, entryText, ledger, now, pod, podsAnswer, policy, view } from "../../testing/builders.ts";

describe("A pod of a DaemonSet that has to be looked up", () => {
  const controller = { apiVersion: "apps/v1", kind: "DaemonSet", name: "logs", uid: "d1" };
  const pods = podsAnswer([agentPod(), pod({ name: "web" }), pod({ name: "logs-1", controller })]);

  /**
   * What is done, and how soon the DaemonSet is asked for again, where nothing else is asked for before five minutes.
   */
  function decided(answer?: Answer) {
    const seen = answers({ "pods/n1": pods, ...(answer && { "daemonSet/shop/logs": answer }) });
    const freshness = { ...policy().freshness, restingMs: 5 * 60_000 };
    const { node } = waiting("draining");
    const known = view({ nodes: [node], ledger: ledger(entryText()), answers: seen });
    const { actions, questions } = decide(known, policy({ freshness }), now);
    const question = questions.find((one) => one.kind === "daemonSet" && one.name === "logs");
    return { evicts: actions.filter(({ kind }) => kind === "evict").length, freshForMs: question?.freshForMs };
  }

  const { monotonicMs: observedAtMs } = now;

  test("keeps all pods of its node until that is done, and a look in vain is repeated within seconds", () => {
    assert.deepEqual(decided(), { evicts: 0, freshForMs: 5_000 });
    assert.deepEqual(decided({ kind: "failed", observedAtMs, reason: "403" }), { evicts: 0, freshForMs: 5_000 });
  });

  test("keeps nobody once that is done. One that is gone may be made again, and its pods would be evicted for ever", () => {
    const found = (state: "exists" | "gone") => decided({ kind: "daemonSet", observedAtMs, state });
    assert.deepEqual(found("exists"), { evicts: 1, freshForMs: 60 * 60_000 });
    assert.deepEqual(found("gone"), { evicts: 2, freshForMs: 30_000 });
  });
});

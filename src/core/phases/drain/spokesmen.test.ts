import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../../decide.ts";
import type { PodFacts } from "../../drain/pod.ts";
import type { EvictionOutcome } from "../../drain/refusals.ts";
import type { Attempt } from "../../fleet/view.ts";
import { waiting } from "../../testing/phase-scenes.ts";
import { agentPod, answers, entryText, ledger, now, pod, podsAnswer, policy, view } from "../../testing/builders.ts";

const refused: EvictionOutcome = { kind: "budgetRefused", text: "no", budget: "web" };

/** What is told of a drain of these pods, of which the first was asked for and answered so. */
function told(pods: readonly PodFacts[], outcome: EvictionOutcome = refused) {
  const last = { outcome: { kind: "eviction", outcome }, endedAtMs: now.monotonicMs - 1_000 } as const;
  const attempts = new Map<string, Attempt>([[`evict/${pods[0]?.uid ?? ""}`, { failures: 1, jitter: 0.5, last }]]);
  const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]) });
  const known = view({ nodes: [waiting("draining").node], ledger: ledger(entryText()), answers: seen, attempts });
  const [reason] = decide(known, policy(), now).verdicts[0]?.reasons ?? [];
  assert.ok(reason?.code === "Draining" || reason?.code === "DrainBlocked");
  return { said: reason.pods.map(({ sentence }) => sentence), byState: reason.byState };
}

describe("Pods of one controller, of which one has been asked for", () => {
  const pods = ["a", "b", "c"].map((name) => pod({ name }));
  const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "db", uid: "uid-db" };
  const due = (name: string) => `Pod shop/${name} is still to be evicted.`;

  test("are all said to be held back by the budget that refused it, because nobody asks for them meanwhile", () => {
    assert.deepEqual(told(pods), { said: Array(3).fill("PDB shop/web: no"), byState: { refused: 3 } });
  });

  test("are no other controller's pods", () => {
    const { said } = told([...pods.slice(0, 2), pod({ name: "db", controller })]);
    assert.deepEqual(said, ["PDB shop/web: no", due("db"), "PDB shop/web: no"]);
  });

  test("do not crowd out what else there is, however many they are", () => {
    const many = Array.from({ length: 12 }, (_, index) => pod({ name: `m${index}` }));
    const { said } = told([
      ...many,
      pod({ name: "leaves", namespace: "bank", deletionTimestampMs: now.wallMs, controller }),
    ]);
    assert.deepEqual([said.length, said[0]], [10, "PDB shop/web: no"]);
    assert.match(said[1] ?? "", /^Pod bank\/leaves is terminating/);
  });

  test("speak for themselves where one of them was let go, or what refused is no budget", () => {
    const leaving = pod({ name: "d", deletionTimestampMs: now.wallMs + 5_000 });
    assert.deepEqual(told([...pods, leaving]).said.slice(0, 3), ["PDB shop/web: no", due("b"), due("c")]);
    assert.deepEqual(told(pods, { kind: "forbidden", text: "no" }).said.slice(1), [due("b"), due("c")]);
  });
});

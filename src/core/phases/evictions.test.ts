import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../decide.ts";
import type { PodFacts } from "../drain/pod.ts";
import type { EvictionOutcome } from "../drain/refusals.ts";
import type { Attempt } from "../fleet/view.ts";
import { waiting } from "../testing/phase-scenes.ts";
import { agentPod, answers, entryText, ledger, now, pod, podsAnswer, policy, view } from "../testing/builders.ts";

const refused: EvictionOutcome = { kind: "budgetRefused", text: "no", budget: "web" };
const postponed: EvictionOutcome = {
  kind: "postponed",
  text: 'admission webhook "evict.kubevirt.io" denied the request: Eviction triggered evacuation of VMI "vm/one"',
};

/** The first reason of a node in mid-drain with these pods, whose evictions have been answered like this. */
function reasonWith(pods: readonly PodFacts[], outcome?: EvictionOutcome) {
  const scene = waiting("draining");
  const attempt: Attempt | undefined = outcome && {
    failures: 1,
    jitter: 0.5,
    last: { outcome: { kind: "eviction", outcome }, endedAtMs: now.monotonicMs - 1_000 },
  };
  const attempts = new Map<string, Attempt>();
  if (attempt) for (const { uid } of pods) attempts.set(`evict/${uid}`, attempt);
  const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]) });
  const decision = decide(
    view({ nodes: [scene.node], ledger: ledger(entryText()), answers: seen, attempts }),
    policy(),
    now,
  );
  const [reason] = decision.verdicts[0]?.reasons ?? [];
  assert.ok(reason?.code === "Draining" || reason?.code === "DrainBlocked", reason?.code ?? "no reason");
  return { code: reason.code, left: reason.left, said: reason.pods.map(({ sentence }) => sentence) };
}

describe("The verdict of a drain", () => {
  test("is blocked by a pod whose budget refuses, in the budget's words", () => {
    const { code, said } = reasonWith([pod()], refused);
    assert.deepEqual([code, said], ["DrainBlocked", ["PDB shop/web: no"]]);
  });

  test("is blocked by a webhook that puts an eviction off, in the webhook's words", () => {
    const { code, said } = reasonWith([pod()], postponed);
    assert.equal(code, "DrainBlocked");
    assert.match(said.join(), /Evicting pod shop\/web-1 was put off: .*Eviction triggered evacuation of VMI "vm\/one"/);
  });

  test("is progress while somebody moves the pod away, as a live migration does", () => {
    const moving = pod({ name: "virt-launcher", evictionInProgress: "kubevirt" });
    const { code, said } = reasonWith([moving], postponed);
    const sentence = 'Pod shop/virt-launcher is being moved away by "kubevirt", as its annotation says.';
    assert.deepEqual([code, said], ["Draining", [sentence]]);
  });

  test("is progress while a pod is waited for until it has completed", () => {
    const by = "its label kured.dev/drain";
    const { code, left } = reasonWith([pod({ drainRequest: { behavior: "WaitCompleted", by } })]);
    assert.deepEqual([code, left], ["Draining", 1]);
  });
});

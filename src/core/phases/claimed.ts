import type { Feasibility } from "../feasibility/feasible.ts";
import { stillFeasible } from "../feasibility/still.ts";
import { advance } from "../fleet/advance.ts";
import { agentStanding } from "../fleet/agent.ts";
import { bootChanged } from "../fleet/boot.ts";
import { decisiveLook, ownPlace } from "../lock/waiting.ts";
import { gatesSinceWrite } from "../policy/gates.ts";
import { also, monotonicOf, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { abandon } from "./abandon.ts";
import { countsFromCordon } from "./drain/limits.ts";
import { untouchedRefusal } from "./intended.ts";

/** The lock is ours, the node untouched. Everything that allowed the claim is asked once more before the cordon. */
export function claimed(inHand: NodeInHand, scene: Scene): Step {
  const feasible = stillFeasible(inHand, scene);
  const step = untouched(inHand, { feasible, scene });
  // Whoever goes on asking is told of every change.
  return feasible === undefined ? step : also(step, { questions: feasible.questions });
}

function untouched(
  inHand: NodeInHand,
  { feasible, scene }: { readonly feasible: Feasibility | undefined; readonly scene: Scene },
): Step {
  const { node, record } = inHand;
  const { policy, now } = scene;
  const place = ownPlace(inHand, scene);
  if (place.kind === "unsure") return place.step;
  // A cordon that we adopted belongs to the entry, so without the entry it is not ours to take back.
  if (place.kind === "lost") return abandon(inHand, { reason: { code: "LockLost" }, scene, leavesCordon: true });
  const hopeless = feasible?.reason?.blocks === true ? feasible.reason : undefined;
  const refusal = untouchedRefusal(inHand, scene) ?? hopeless;
  const cordonAtMs = monotonicOf(record.phaseSinceMs + policy.drainDelayMs, now);
  if (!refusal && cordonAtMs > now.monotonicMs)
    return {
      reasons: [{ code: "Claiming" }],
      questions: [
        { kind: "nodes", freshForMs: policy.freshness.restingMs },
        { kind: "ledger", freshForMs: policy.freshness.restingMs },
      ],
      wakeAtMs: [cordonAtMs],
    };
  const look = decisiveLook(inHand, scene);
  if (look) return { reasons: [refusal ?? { code: "Claiming" }], questions: [look] };
  if (bootChanged(inHand)) {
    const detail = "the node to be Ready and its agent to report";
    return advance(inHand, {
      step: "return",
      change: { phase: "returning" },
      reason: { code: "Returning", detail },
      scene,
    });
  }
  if (refusal) return abandon(inHand, { reason: refusal, scene });
  const agent = agentStanding(node, { scene, freshForMs: policy.freshness.decisiveMs });
  if (agent.kind === "missing") return abandon(inHand, { reason: agent.reason, scene });
  if (agent.kind === "ask") return { reasons: [agent.reason], questions: [agent.question] };
  const gates = gatesSinceWrite(inHand, scene);
  if (gates.kind === "shut") return abandon(inHand, { reason: gates.reasons[0], scene });
  if (gates.kind === "ask") return { reasons: [{ code: "Claiming" }], questions: gates.questions };
  if (feasible?.unknown === true) return { reasons: [{ code: "Claiming" }] };
  return cordon(inHand, scene);
}

/** A cordon that is there before ours is somebody else's, unless an adopted record knows better. */
function cordon(inHand: NodeInHand, scene: Scene): Step {
  const { node, record } = inHand;
  const found = record.cordon === "ours" ? "ours" : "theirs";
  return advance(inHand, {
    step: "cordon",
    change: {
      phase: "draining",
      cordon: node.unschedulable ? found : "ours",
      ...(!node.unschedulable && { unschedulable: true }),
      ...(countsFromCordon(scene.policy) && { drainingSinceMs: scene.now.wallMs }),
    },
    reason: { code: "Draining", pods: [] },
    scene,
  });
}

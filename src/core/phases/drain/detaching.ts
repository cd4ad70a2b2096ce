import type { DrainPlan } from "../../drain/plan.ts";
import { advance } from "../../fleet/advance.ts";
import { formatInstant } from "../../json.ts";
import { newerThan, questionKey, type Question } from "../../question.ts";
import { also, monotonicOf, type NodeInHand, type Scene, type Step } from "../../scene.ts";

/** What an empty node still waits for, or what must be asked so that it is known to wait for nothing. */
export type Settling =
  | { readonly kind: "waits"; readonly step: Step }
  | { readonly kind: "settled"; readonly questions: readonly Question[] };

/**
 * A volume that is still attached to a machine that goes down cannot be attached where its pod went, for six minutes
 * or until the machine is back. So the reboot waits until the volumes of the pods that went are detached, by what the
 * Node's status says and, where we may list them, by the VolumeAttachments, which go last.
 */
export function detaching(inHand: NodeInHand, { plan, scene }: { plan: DrainPlan; scene: Scene }): Settling {
  const { policy, now } = scene;
  const { node, record } = inHand;
  if (policy.volumeDetachTimeoutMs <= 0) return settled;
  if (record.drainedAtMs === undefined) return { kind: "waits", step: startWaiting(inHand, scene) };
  const endsAtMs = record.drainedAtMs + policy.volumeDetachTimeoutMs;
  if (endsAtMs <= now.wallMs) return settled;

  const stay = claimsThatStay(plan);
  const wakeAtMs = [monotonicOf(endsAtMs, now)];
  const waits = (volumes: readonly string[], questions: readonly Question[]): Settling => ({
    kind: "waits",
    step: { reasons: [{ code: "Drained", detail: waitedFor(volumes, { stay, endsAtMs }) }], questions, wakeAtMs },
  });
  const reported = node.volumesAttached ?? [];
  if (reported.length > stay)
    return waits(reported, [{ kind: "nodes", freshForMs: policy.freshness.goingMs }, onPods(inHand, scene)]);
  // An instant that lies ahead was written by another clock: a look of just now will do then.
  const sinceMs = Math.min(monotonicOf(record.drainedAtMs, now), now.monotonicMs - pauseMsMin / 2);
  const answer = scene.view.answers.get(questionKey(onAttachments(node.name, 0)));
  const pause = Math.min(pauseMsMax, Math.max(pauseMsMin, (now.monotonicMs - sinceMs) / 4));
  if (answer?.kind !== "volumeAttachments" || answer.observedAtMs < sinceMs) {
    const freshForMs = answer?.kind === "failed" ? pause : newerThan(sinceMs, { now, freshForMs: pause });
    return waits(reported, [onAttachments(node.name, freshForMs), onPods(inHand, scene)]);
  }
  if (answer.volumes !== "forbidden" && answer.volumes.length > stay)
    return waits(answer.volumes, [onAttachments(node.name, pause), onPods(inHand, scene)]);
  // With the pods gone nothing is attached any more, so that one look at nothing is enough.
  return { kind: "settled", questions: [onAttachments(node.name, Infinity)] };
}

/** With nothing to ask. */
export const settled: Settling = { kind: "settled", questions: [] };

/** Attachments cannot be selected by node, so each look lists those of all nodes. */
const pauseMsMin = 2_000;
const pauseMsMax = 30_000;

/** Writes when the last pod had gone: limits count from it, so that a restart does not begin them anew. */
export function startWaiting(inHand: NodeInHand, scene: Scene): Step {
  const reason = { code: "Drained", detail: "a look at what its pods left behind", looking: true } as const;
  const step = advance(inHand, { step: "drained", change: { drainedAtMs: scene.now.wallMs }, reason, scene });
  return also(step, { questions: [onPods(inHand, scene)] });
}

function onAttachments(node: string, freshForMs: number): Question {
  return { kind: "volumeAttachments", node, freshForMs };
}

function onPods({ node }: NodeInHand, { policy }: Scene): Question {
  return { kind: "pods", node: node.name, freshForMs: policy.freshness.restingMs };
}

/**
 * How many volumes may stay attached. Which of them belong to the pods that stay only their claims would tell, and
 * those are not ours to read.
 */
function claimsThatStay({ pods }: DrainPlan): number {
  const claims = pods.flatMap(({ kind, pod }) =>
    kind === "leave" ? (pod.claims ?? []).map((claim) => `${pod.namespace}/${claim}`) : [],
  );
  return new Set(claims).size;
}

function waitedFor(
  volumes: readonly string[],
  { stay, endsAtMs }: { readonly stay: number; readonly endsAtMs: number },
): string {
  const until = `until ${formatInstant(endsAtMs)} at the latest`;
  if (volumes.length === 0) return `a look at its volumes, ${until}`;
  const named = volumes.toSorted().slice(0, namedMax).join(", ");
  const more = volumes.length > namedMax ? ` and ${volumes.length - namedMax} more` : "";
  const kept = stay === 0 ? "" : `, of which as many as ${stay} may belong to pods that stay`;
  return `its volumes to be detached, ${until}: ${named}${more}${kept}`;
}

const namedMax = 5;

import { decodeNodeTerms, type NodeTerm } from "../../core/feasibility/placement.ts";
import { isJsonObject, objectField, textField } from "../../core/json.ts";
import type { Answer, Question } from "../../core/question.ts";
import { describeFailure, type Answer as KubeAnswer } from "../../kube/answers.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { Decode } from "../../kube/object.ts";
import type { Clock } from "../../ports/clock.ts";

/** Answers which nodes the volume behind a claim is bound to. */
export type VolumeLook = (question: Extract<Question, { kind: "volume" }>) => Promise<Answer>;

/** What asking for volumes needs. */
export interface VolumeLookParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Asks with one request for the claim and one for its volume. Both are rights that we need not have: reviews tell, an
 * hour long, and without the rights nothing is known of any volume.
 */
export function createVolumeLook(parts: VolumeLookParts): VolumeLook {
  const { client, clock, signal } = parts;
  let review: Review | undefined;
  return async ({ namespace, claim }) => {
    const observedAtMs = clock.now().monotonicMs;
    if (review === undefined || review.askedAtMs + hourMs < observedAtMs)
      review = { askedAtMs: observedAtMs, rights: rightsToVolumes(parts) };
    const { rights } = review;
    const allowed = await rights;
    if (allowed.kind !== "ok") {
      // The next one asks again.
      if (review.rights === rights) review = undefined;
      return failed(allowed, observedAtMs);
    }
    const anywhere: Answer = { kind: "volume", observedAtMs };
    if (!allowed.value) return anywhere;
    const bound = await client.get("persistentvolumeclaims", { namespace, name: claim, decode: volumeName, signal });
    // A claim that is gone or not bound yet ties nobody down.
    if (bound.kind === "gone" || (bound.kind === "ok" && bound.value === "")) return anywhere;
    if (bound.kind !== "ok") return failed(bound, observedAtMs);
    const volume = await client.get("persistentvolumes", { name: bound.value, decode: nodeTerms, signal });
    if (volume.kind === "gone") return anywhere;
    if (volume.kind !== "ok") return failed(volume, observedAtMs);
    return volume.value === undefined ? anywhere : { ...anywhere, nodes: volume.value };
  };
}

interface Review {
  readonly askedAtMs: number;
  readonly rights: Promise<KubeAnswer<boolean>>;
}

const hourMs = 60 * 60_000;

async function rightsToVolumes({ client, signal }: VolumeLookParts): Promise<KubeAnswer<boolean>> {
  for (const resource of ["persistentvolumes", "persistentvolumeclaims"]) {
    const allowed = await client.can({ verb: "get", group: "", resource }, { signal });
    if (allowed.kind !== "ok" || !allowed.value) return allowed;
  }
  return { kind: "ok", value: true };
}

function failed(answer: Exclude<KubeAnswer<unknown>, { kind: "ok" }>, observedAtMs: number): Answer {
  return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
}

const volumeName: Decode<string> = (json) =>
  (isJsonObject(json) && textField(objectField(json, "spec") ?? {}, "volumeName")) || "";

const nodeTerms: Decode<readonly NodeTerm[] | undefined> = (json) => {
  const affinity = isJsonObject(json) ? objectField(objectField(json, "spec") ?? {}, "nodeAffinity") : undefined;
  const required = affinity && objectField(affinity, "required");
  return required && decodeNodeTerms(required);
};

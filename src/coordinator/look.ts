import { decodePod } from "../core/drain/decode.ts";
import type { PodFacts } from "../core/drain/pod.ts";
import { isJsonObject, objectField, instantField } from "../core/json.ts";
import type { HolderNode } from "../core/lock/standing.ts";
import { questionKey, type Answer, type Question } from "../core/question.ts";
import { describeFailure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import { decodeNodeFacts } from "../kube/node.ts";
import { decodeObject, MalformedError, type Decode } from "../kube/object.ts";
import { askGate, type GateLookParts } from "./ask-gate.ts";
import { askAttachments } from "./asking/attachments.ts";
import { askReplicas } from "./asking/replicas.ts";
import { ledgerFailure } from "./ledger-failure.ts";
import type { VolumeLook } from "./asking/bound-volume.ts";
import { dryRun } from "./asking/dry-run.ts";

/** What one look at the API server needs. */
export interface LookParts extends GateLookParts {
  readonly client: KubeClient;
  /** `namespace/name` of our DaemonSet. */
  readonly owner: string;
  readonly volume: VolumeLook;
}

/** How a look ended; a failed one is repeated with growing pauses. */
export type Looked = { readonly kind: "seen" } | { readonly kind: "failed"; readonly reason: string };

const seen: Looked = { kind: "seen" };

/** One request for what the question wants, and its answer into the world. */
export async function look(question: Question, parts: LookParts): Promise<Looked> {
  switch (question.kind) {
    case "nodes":
      return await lookAtNodes(parts);
    case "ledger":
      return await lookAtLedger(parts);
    case "budgets":
      // Only a watch can tell that a budget has changed; those who poll ask the eviction itself.
      return seen;
    case "pods":
    case "daemonSet":
    case "nodeExists":
    case "volumeAttachments":
    case "replicas":
    case "volume":
    case "dryRun":
    case "gate": {
      const answer = question.kind === "gate" ? await askGate(question, parts) : await ask(question, parts);
      const known = parts.world.view().answers.get(questionKey(question));
      // A failed look does not undo what is still fresh enough, which a watch may have brought.
      const knownAtMs = known === undefined || known.kind === "failed" ? -Infinity : known.observedAtMs;
      if (answer.kind !== "failed" || knownAtMs + question.freshForMs < answer.observedAtMs)
        parts.world.answer(questionKey(question), answer);
      return answer.kind === "failed" ? answer : seen;
    }
  }
}

/** The nodes of the view, one by one: there is one of them where nothing is watched. */
async function lookAtNodes({ client, world, clock, signal }: LookParts): Promise<Looked> {
  for (const { name } of world.view().nodes) {
    const askedAtMs = clock.now().monotonicMs;
    const answer = await client.get("nodes", { name, decode: decodeNodeFacts, signal });
    if (answer.kind === "gone") world.dropNode(name);
    else if (answer.kind === "ok") world.putNode(answer.value, askedAtMs);
    else return { kind: "failed", reason: describeFailure(answer) };
  }
  return seen;
}

/** Our DaemonSet with the lock annotation. */
export async function lookAtLedger({
  client,
  world,
  clock,
  owner,
  signal,
}: Omit<LookParts, "gates" | "log" | "volume">): Promise<Looked> {
  const [namespace = "", name = ""] = owner.split("/");
  const askedAtMs = clock.now().monotonicMs;
  const answer = await client.get("daemonsets", { namespace, name, decode: decodeObject, signal });
  if (answer.kind === "ok") {
    world.putDaemonSet(answer.value, askedAtMs);
    return seen;
  }
  const reason = ledgerFailure(answer);
  world.daemonSetUnseen(`DaemonSet ${owner}: ${reason}`);
  return { kind: "failed", reason };
}

async function ask(
  question: Extract<
    Question,
    { kind: "pods" | "daemonSet" | "nodeExists" | "volumeAttachments" | "replicas" | "volume" | "dryRun" }
  >,
  { client, clock, signal, volume }: LookParts,
): Promise<Answer> {
  const observedAtMs = clock.now().monotonicMs;
  switch (question.kind) {
    case "pods": {
      const fieldSelector = `spec.nodeName=${question.node}`;
      const answer = await client.list("pods", { fieldSelector, decode: podFacts, signal });
      if (answer.kind === "ok") return { kind: "pods", observedAtMs, pods: answer.value.items };
      return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
    }
    case "daemonSet": {
      const { namespace, name } = question;
      const answer = await client.get("daemonsets", { namespace, name, decode: decodeObject, signal });
      if (answer.kind === "ok") return { kind: "daemonSet", observedAtMs, state: "exists" };
      if (answer.kind === "gone") return { kind: "daemonSet", observedAtMs, state: "gone" };
      return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
    }
    case "nodeExists": {
      const decode = holderNode(clock.now().wallMs);
      const answer = await client.get("nodes", { name: question.node, decode, signal });
      if (answer.kind === "ok") return { kind: "nodeExists", observedAtMs, node: answer.value };
      if (answer.kind === "gone") return { kind: "nodeExists", observedAtMs, node: { kind: "gone" } };
      return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
    }
    case "replicas":
      return await askReplicas(question, { client, clock, signal });
    case "volumeAttachments":
      return await askAttachments(question.node, { client, clock, signal });
    case "volume":
      return await volume(question);
    case "dryRun":
      return await dryRun(question, { client, clock, signal });
  }
}

/** One pod of a wrong shape spoils the whole list: it could be the one in the way. */
export const podFacts: Decode<PodFacts> = (json) => {
  const pod = decodePod(json);
  if (pod === undefined) throw new MalformedError("", "a Pod", json);
  return pod;
};

function holderNode(wallMs: number): Decode<HolderNode> {
  return (json) => {
    const { uid, ready, unschedulable } = decodeNodeFacts(json);
    const sinceMs = readinessSinceMs(json);
    const settledForMs = ready && !unschedulable && sinceMs !== undefined ? Math.max(0, wallMs - sinceMs) : 0;
    const away = !ready && sinceMs !== undefined ? { awaySinceMs: sinceMs } : {};
    return { kind: "present", uid, ready, unschedulable, settledForMs, ...away };
  };
}

function readinessSinceMs(json: unknown): number | undefined {
  const status = isJsonObject(json) ? objectField(json, "status") : undefined;
  const conditions: unknown = status?.["conditions"];
  if (!Array.isArray(conditions)) return undefined;
  const ready: unknown = conditions.find((condition) => isJsonObject(condition) && condition["type"] === "Ready");
  return isJsonObject(ready) ? instantField(ready, "lastTransitionTime") : undefined;
}

import { isGoing, type DrainPlan } from "../../drain/plan.ts";
import { formatInstant } from "../../json.ts";
import { newerThan, questionKey, replicatedKinds, type Question, type ReplicatedKind } from "../../question.ts";
import { monotonicOf, type Scene } from "../../scene.ts";

/** Who replaces pods of a drain, as the record keeps it: `replicasets/namespace/name`. */
export type OwnerText = string;

/** Those who will replace the pods that must go, sorted; of very many only some, because a record has little room. */
export function ownersOf({ pods }: DrainPlan): readonly OwnerText[] {
  const owners = pods.filter(isGoing).flatMap(({ pod: { namespace, controller } }) => {
    const kind = controller && kindsOfControllers.get(`${controller.apiVersion} ${controller.kind}`);
    return kind === undefined ? [] : [`${kind}/${namespace}/${controller?.name ?? ""}`];
  });
  return [...new Set(owners)].toSorted().slice(0, ownersMax);
}

const ownersMax = 50;

/** Jobs end, DaemonSets stay, and of other controllers it is not known how they count. */
const kindsOfControllers: ReadonlyMap<string, ReplicatedKind> = new Map([
  ["apps/v1 ReplicaSet", "replicasets"],
  ["apps/v1 StatefulSet", "statefulsets"],
  ["v1 ReplicationController", "replicationcontrollers"],
]);

/**
 * What the owners still lack: a sentence's end for people, and questions; `undefined` when they lack nothing any more.
 */
export interface Lacking {
  readonly words: string;
  readonly questions: readonly Question[];
  readonly wakeAtMs: readonly number[];
}

/** Whether owners have all their replicas again, counted from a wall time, or their time for it is over. */
export function lacking(
  owners: readonly OwnerText[],
  { fromMs, scene }: { readonly fromMs: number; readonly scene: Scene },
): Lacking | undefined {
  const { now, policy } = scene;
  const endsMs = fromMs + policy.readyElsewhere.timeoutMs;
  if (owners.length === 0 || endsMs <= now.wallMs) return undefined;
  const fromMonotonicMs = monotonicOf(fromMs, now);
  const pauseMs = Math.min(pauseMsMax, Math.max(pauseMsMin, (now.monotonicMs - fromMonotonicMs) / 4));
  // A look right after the last pod went may be ahead of those who count.
  const sinceMs = fromMonotonicMs + settleMs;
  const until = `until ${formatInstant(endsMs)} at the latest`;
  if (sinceMs > now.monotonicMs)
    return { words: `a look at the replicas of its pods, ${until}`, questions: [], wakeAtMs: [sinceMs] };
  const lacks = owners.flatMap((owner): readonly { words: string; question: Question }[] => {
    const question = questionOf(owner, pauseMs);
    if (question === undefined) return [];
    const answer = scene.view.answers.get(questionKey(question));
    const name = owner.slice(owner.indexOf("/") + 1);
    if (answer?.kind !== "replicas" || answer.observedAtMs < sinceMs) {
      const freshForMs = answer?.kind === "failed" ? pauseMs : newerThan(sinceMs, { now, freshForMs: pauseMs });
      return [{ words: name, question: { ...question, freshForMs } }];
    }
    return answer.missing === 0 ? [] : [{ words: `${name} (${answer.missing} missing)`, question }];
  });
  if (lacks.length === 0) return undefined;
  const named = lacks.slice(0, namedMax).map(({ words }) => words);
  const more = lacks.length > namedMax ? ` and ${lacks.length - namedMax} more` : "";
  return {
    words: `the replicas of ${named.join(", ")}${more} to be ready, ${until}`,
    questions: lacks.map(({ question }) => question),
    wakeAtMs: [monotonicOf(endsMs, now)],
  };
}

const settleMs = 2_000;
const pauseMsMin = 2_000;
const pauseMsMax = 15_000;
const namedMax = 5;

/** Undefined for what a record of another kind, or a stranger, names. */
function questionOf(owner: OwnerText, freshForMs: number): Question | undefined {
  const [kind, namespace = "", name = ""] = owner.split("/");
  const ownerKind = replicatedKinds.find((known) => known === kind);
  if (ownerKind === undefined || namespace === "" || name === "") return undefined;
  return { kind: "replicas", ownerKind, namespace, name, freshForMs };
}

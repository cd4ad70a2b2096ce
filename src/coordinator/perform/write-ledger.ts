import type { Action } from "../../core/action.ts";
import { decodeObject, type KubeObject } from "../../kube/object.ts";
import { isJsonObject } from "../../core/json.ts";
import { ledgerFailure } from "../ledger-failure.ts";
import type { ActParts, Performed } from "./performed.ts";

/**
 * Compare-and-swap on our DaemonSet: the whole object goes back as it came, with one annotation changed, because
 * kured's RBAC grants `update` and nothing less; the resourceVersion in it makes any other writer a conflict.
 */
export async function writeLedger(
  action: Extract<Action, { kind: "writeLedger" }>,
  { client, world, clock, policy, lockAnnotation, story, signal, timeoutMs }: ActParts,
): Promise<Performed> {
  const known = world.daemonSet();
  if (known?.resourceVersion !== action.resourceVersion) return { outcome: { kind: "conflict" } };
  story.before(action);
  const [namespace = "", name = ""] = policy.owner.split("/");
  const sentAtMs = clock.now().monotonicMs;
  const object = withAnnotation(known, { key: lockAnnotation, text: action.text });
  const answer = await client.replace("daemonsets", {
    namespace,
    name,
    object,
    decode: decodeObject,
    timeoutMs,
    signal,
  });
  if (answer.kind === "ok") {
    story.after(action);
    return { outcome: { kind: "done" }, see: () => world.putDaemonSet(answer.value, sentAtMs) };
  }
  story.failed(action, { why: ledgerFailure(answer), expected: answer.kind === "conflict" });
  // It may have been applied without an answer: until it has been read again, it proves nothing.
  world.daemonSetUnsure();
  const askedAtMs = clock.now().monotonicMs;
  const again = await client.get("daemonsets", { namespace, name, decode: decodeObject, signal });
  if (again.kind === "ok") world.putDaemonSet(again.value, askedAtMs);
  if (answer.kind === "conflict" || answer.kind === "gone") return { outcome: { kind: answer.kind } };
  return { outcome: { kind: "failed", reason: ledgerFailure(answer) } };
}

function withAnnotation(
  { raw, annotations }: KubeObject,
  { key, text }: { key: string; text: string | undefined },
): KubeObject["raw"] {
  const { [key]: _old, ...others } = annotations;
  const metadata = isJsonObject(raw["metadata"]) ? raw["metadata"] : {};
  const next = text === undefined ? others : { ...others, [key]: text };
  return { apiVersion: "apps/v1", kind: "DaemonSet", ...raw, metadata: { ...metadata, annotations: next } };
}

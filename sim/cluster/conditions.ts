import { at, isObject, listAt, textAt } from "../apiserver/objects/json.ts";
import type { JsonObject } from "../apiserver/objects/json.ts";
import { kubeTime } from "../apiserver/objects/object.ts";

/** One entry of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

/** The status of an object's condition; `undefined` when it has none. */
export function conditionStatus(object: JsonObject, type: string): string | undefined {
  return textAt(
    listAt(object, "status", "conditions").find((one) => at(one, "type") === type),
    "status",
  );
}

/** The conditions of an object with one of them set; its transition time moves only when its status does. */
export function withCondition(
  object: JsonObject,
  { condition, nowMs }: { readonly condition: Condition; readonly nowMs: number },
): readonly JsonObject[] {
  const conditions = listAt(object, "status", "conditions").filter(isObject);
  const known = conditions.find((one) => at(one, "type") === condition.type);
  const same = at(known, "status") === condition.status;
  const lastTransitionTime = (same ? textAt(known, "lastTransitionTime") : undefined) ?? kubeTime(nowMs);
  return [...conditions.filter((one) => one !== known), { ...condition, lastTransitionTime }];
}

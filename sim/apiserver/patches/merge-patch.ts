import { isObject } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";

/** RFC 7386: null removes, objects merge, everything else (also a list) replaces. */
export function applyMergePatch(document: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(document));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) merged.delete(name);
    else merged.set(name, mergedValue(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function mergedValue(current: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  return applyMergePatch(isObject(current) ? current : {}, patch);
}

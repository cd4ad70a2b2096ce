import { at, isObject, without } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";

/** RFC 7386: null removes, objects merge, everything else (also a list) replaces. */
export function applyMergePatch(document: JsonObject, patch: JsonObject): JsonObject {
  const removed: string[] = [];
  const changed: [string, Json][] = [];
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) removed.push(name);
    else changed.push([name, mergedValue(at(document, name), value)]);
  }
  return { ...without(document, ...removed), ...Object.fromEntries(changed) };
}

function mergedValue(current: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  return applyMergePatch(isObject(current) ? current : {}, patch);
}

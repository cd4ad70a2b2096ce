import { at, isList, isObject, sameJson, textAt, without } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { badRequest } from "../status.ts";

/**
 * Kubernetes' strategic merge patch for the fields that this server's kinds have: lists in `mergeKeys` are merged
 * item by item, others are replaced. Throws a 400 for an item without its key and for an unknown directive.
 */
export function applyStrategicMergePatch(document: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(document, { patch, path: "" });
}

/** By path, without the `spec.template` that pods have inside workloads: the field that tells items apart. */
const mergeKeys: ReadonlyMap<string, string> = new Map([
  ["metadata.ownerReferences", "uid"],
  ["status.conditions", "type"],
  ["status.addresses", "type"],
  ["spec.containers", "name"],
  ["spec.initContainers", "name"],
  ["spec.volumes", "name"],
  ["spec.imagePullSecrets", "name"],
  ["spec.hostAliases", "ip"],
  ["spec.containers.env", "name"],
  ["spec.containers.volumeMounts", "mountPath"],
  ["spec.containers.ports", "containerPort"],
  ["secrets", "name"],
]);

/** Lists of plain texts that are united rather than replaced. */
const unitedLists: ReadonlySet<string> = new Set(["metadata.finalizers", "spec.finalizers"]);

interface Merge {
  readonly patch: JsonObject;
  readonly path: string;
}

function mergeObject(current: JsonObject, { patch, path }: Merge): JsonObject {
  const directive = textAt(patch, "$patch");
  if (directive === "delete") return {};
  if (directive === "replace") return plain(without(patch, "$patch"));
  if (directive !== undefined && directive !== "merge") throw badRequest(`Unknown patch type: ${directive}`);
  const merged = new Map(Object.entries(retained(current, patch)));
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$")) continue;
    if (value === null || value === undefined) merged.delete(name);
    else merged.set(name, mergeValue(merged.get(name), { value, path: step(path, name) }));
  }
  for (const [name, values] of Object.entries(patch)) {
    const target = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1];
    const list = target === undefined ? undefined : merged.get(target);
    if (target !== undefined && isList(list) && isList(values)) {
      merged.set(
        target,
        list.filter((item) => !values.some((gone) => sameJson(item, gone))),
      );
    }
  }
  return Object.fromEntries(merged);
}

function mergeValue(current: Json | undefined, { value, path }: { readonly value: Json; readonly path: string }): Json {
  if (isObject(value)) return mergeObject(isObject(current) ? current : {}, { patch: value, path });
  if (!isList(value)) return value;
  const list = isList(current) ? current : [];
  if (unitedLists.has(path)) return [...new Set([...list, ...value])];
  const key = mergeKeys.get(path);
  return key === undefined ? value : mergeItems(list, { patches: value, key, path });
}

interface ItemMerge {
  readonly patches: readonly Json[];
  readonly key: string;
  readonly path: string;
}

function mergeItems(list: readonly Json[], { patches, key, path }: ItemMerge): Json {
  if (patches.some((patch) => textAt(patch, "$patch") === "replace")) {
    return patches.filter((patch) => textAt(patch, "$patch") !== "replace");
  }
  const merged = [...list];
  for (const patch of patches) {
    const wanted = at(patch, key);
    if (!isObject(patch) || wanted === undefined)
      throw badRequest(`map: ${JSON.stringify(patch)} does not contain declared merge key: ${key}`);
    const index = merged.findIndex((item) => sameJson(at(item, key), wanted));
    const found = merged[index];
    if (textAt(patch, "$patch") === "delete") {
      if (index >= 0) merged.splice(index, 1);
    } else if (isObject(found)) {
      merged[index] = mergeObject(found, { patch, path });
    } else {
      merged.push(mergeObject({}, { patch, path }));
    }
  }
  return merged;
}

/** `$retainKeys` keeps only the fields it lists. */
function retained(current: JsonObject, patch: JsonObject): JsonObject {
  const kept = at(patch, "$retainKeys");
  if (!isList(kept)) return current;
  return Object.fromEntries(Object.entries(current).filter(([name]) => kept.includes(name)));
}

function plain(value: JsonObject): JsonObject {
  return mergeObject({}, { patch: value, path: "" });
}

function step(path: string, name: string): string {
  const whole = path === "" ? name : `${path}.${name}`;
  return whole.replace(/^spec\.template\./, "");
}

import { at, isList, isObject, sameJson, textAt, without } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { unclassified } from "../status.ts";

/**
 * Kubernetes' strategic merge patch for the fields that this server's kinds have: lists in `mergeKeys` are merged
 * item by item, others are replaced. Throws a 500 for an item without its key and for an unknown directive.
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
  if (directive !== undefined && directive !== "merge")
    throw unclassified(`unknown patch type: ${directive} in map: map[$patch:${directive}]`);
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
  if (unitedLists.has(path)) {
    const old = list.filter((item) => !value.some((given) => sameJson(item, given)));
    return placed([...new Set(value)], { old, before: list, isSame: sameJson });
  }
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
  const isSame = (one: Json, other: Json): boolean => sameJson(at(one, key), at(other, key));
  let merged = [...list];
  for (const patch of patches) {
    if (!isObject(patch) || at(patch, key) === undefined)
      throw unclassified(`map: ${JSON.stringify(patch)} does not contain declared merge key: ${key}`);
    // Where there was no list before, items with the same key stay two.
    const index = list.length === 0 ? -1 : merged.findIndex((item) => isSame(item, patch));
    const found = merged[index];
    if (textAt(patch, "$patch") === "delete") merged = merged.filter((item) => !isSame(item, patch));
    else if (isObject(found)) merged[index] = mergeObject(found, { patch, path });
    else merged.push(mergeObject({}, { patch, path }));
  }
  const place = (item: Json): number => patches.findIndex((patch) => isSame(item, patch));
  const given = merged.filter((item) => place(item) >= 0).toSorted((one, other) => place(one) - place(other));
  return placed(given, { old: merged.filter((item) => place(item) < 0), before: list, isSame });
}

interface Placing {
  /** What the patch says nothing about. */
  readonly old: readonly Json[];
  /** The list as it was: its order decides between the two where it knows both. */
  readonly before: readonly Json[];
  readonly isSame: (one: Json, other: Json) => boolean;
}

/**
 * The order of the patch comes first: what was there before stands before one of the patch only where it stood there.
 */
function placed(given: readonly Json[], { old, before, isSame }: Placing): readonly Json[] {
  const rank = (item: Json): number => before.findIndex((one) => isSame(one, item));
  const [left, right] = [[...old], [...given]];
  const whole: Json[] = [];
  for (;;) {
    const [one, other] = [left[0], right[0]];
    if (one === undefined || other === undefined) return [...whole, ...left, ...right];
    const isOldFirst = rank(other) >= 0 && rank(one) < rank(other);
    whole.push(isOldFirst ? one : other);
    (isOldFirst ? left : right).shift();
  }
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

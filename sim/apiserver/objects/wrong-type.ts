import { at, isList, isObject, objectAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** The first field whose JSON type is not that of its kind, in the words of Go's decoder; `undefined` when all fit. */
export function wrongType(object: JsonObject): string | undefined {
  const metadata = at(object, "metadata") ?? {};
  const spec = at(object, "spec") ?? {};
  if (!isObject(metadata)) return mismatch(metadata, { field: "metadata", type: "v1.ObjectMeta" });
  if (!isObject(spec)) return mismatch(spec, { field: "spec", type: "struct" });
  return (
    wrongText(metadata) ??
    wrongMap(metadata, "labels") ??
    wrongMap(metadata, "annotations") ??
    wrongNodeSpec(spec) ??
    wrongMicroTime(at(object, "eventTime")) ??
    wrongMicroTime(at(spec, "renewTime")) ??
    wrongMicroTime(at(spec, "acquireTime"))
  );
}

function wrongText(metadata: JsonObject): string | undefined {
  for (const name of ["name", "namespace", "uid", "resourceVersion"]) {
    const value = at(metadata, name) ?? "";
    if (typeof value !== "string") return mismatch(value, { field: `ObjectMeta.metadata.${name}`, type: "string" });
  }
  return undefined;
}

function wrongMap(metadata: JsonObject, name: string): string | undefined {
  const field = `ObjectMeta.metadata.${name}`;
  const map = at(metadata, name) ?? {};
  if (!isObject(map)) return mismatch(map, { field, type: "map[string]string" });
  const wrong = Object.values(objectAt(metadata, name)).find((value) => value !== null && typeof value !== "string");
  return wrong === undefined ? undefined : mismatch(wrong, { field, type: "string" });
}

/** No other kind has fields of these names with other types. */
function wrongNodeSpec(spec: JsonObject): string | undefined {
  const unschedulable = at(spec, "unschedulable") ?? false;
  const taints = at(spec, "taints") ?? [];
  if (typeof unschedulable !== "boolean")
    return mismatch(unschedulable, { field: "NodeSpec.spec.unschedulable", type: "bool" });
  return isList(taints) ? undefined : mismatch(taints, { field: "NodeSpec.spec.taints", type: "[]v1.Taint" });
}

/** Six digits after the second, no more and no fewer: what `toISOString` writes is refused. */
function wrongMicroTime(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === "string" ? value : "";
  const shaped = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(text);
  if (shaped && !Number.isNaN(Date.parse(text))) return undefined;
  return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse it`;
}

function mismatch(value: Json | undefined, { field, type }: { readonly field: string; readonly type: string }): string {
  const is = isList(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${is} into Go struct field ${field} of type ${type}`;
}

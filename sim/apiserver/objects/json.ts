/** What JSON can say. A field that is `undefined` is absent. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object that nobody changes in place: objects in the store are shared with every reader. */
export type JsonObject = { readonly [field: string]: Json | undefined };

/** Parses JSON text; answers `undefined` when it is none (JSON itself cannot say undefined). */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Neither null nor a list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** `Array.isArray` for readonly lists. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value at a path of field names, or `undefined` where some step is missing; never what objects inherit. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value;
  for (const step of path) {
    if (!isObject(here)) return undefined;
    const next: unknown = here[step];
    // What objects inherit are functions, and that under the one name; asking each time whose a field is takes longer.
    if (typeof next === "function" || (step === "__proto__" && !Object.hasOwn(here, step))) return undefined;
    here = here[step];
  }
  return here;
}

/** The text at a path, or `undefined` when it is missing or something else. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The texts of a map such as labels; other values are left out. */
export function textsOf(map: JsonObject): readonly (readonly [name: string, text: string])[] {
  return Object.entries(map).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
}

/** The number at a path, or `undefined` when it is missing or something else. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The object at a path, empty when it is missing or something else. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path, empty when it is missing or something else. */
export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** Same content; the order of fields does not count and an absent field equals an undefined one. */
export function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (one === other) return true;
  if (isList(one) && isList(other)) {
    return one.length === other.length && one.every((item, index) => sameJson(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  return (
    Object.keys(one).every((name) => sameJson(one[name], at(other, name))) &&
    Object.keys(other).every((name) => other[name] === undefined || Object.hasOwn(one, name))
  );
}

/** Without the named fields; a copy if it has any of them. */
export function without(value: JsonObject, ...names: readonly string[]): JsonObject {
  if (!names.some((name) => Object.hasOwn(value, name))) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

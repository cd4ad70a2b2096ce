import { at, isList, isObject, parseJson, textAt, without } from "../objects/json.ts";
import type { Json, JsonObject } from "../objects/json.ts";
import { badRequest, patchDoesNotApply, tooLarge } from "../status.ts";
import { parseSources, sourceMatches } from "./source-text.ts";
import type { Source } from "./source-text.ts";

/**
 * RFC 6902 as the API server applies it (the library evanphx/json-patch v4), with its departures: `replace` of a
 * missing field adds it; `test` of a missing field passes for null, but not when its parent is missing too; `test`
 * compares the text of values, so `"<"` never equals a stored `<`; negative indices count from the end.
 * Throws 400 for what is no patch and 422 for one that does not apply.
 */
export function applyJsonPatch(document: JsonObject, patchText: string): JsonObject {
  const operations = parseJson(patchText) ?? parseSources(patchText).value;
  if (!isList(operations))
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  if (operations.length > 10_000) {
    throw tooLarge(`The allowed maximum operations in a JSON patch is 10000, got ${operations.length}`);
  }
  // Only tests look at the spelling, and most patches have none.
  const tests = operations.some((operation) => textAt(operation, "op") === "test");
  const spelt = tests ? parseSources(patchText).items : [];
  const whole = operations.reduce((current: Json, operation, index) => {
    if (!isObject(operation))
      throw badRequest(
        "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
      );
    return apply(current, { operation, spelt: spelt[index]?.fields.get("value") });
  }, document);
  if (!isObject(whole)) throw patchDoesNotApply();
  return whole;
}

interface Step {
  readonly operation: JsonObject;
  /** The operation's value with its own spelling; `undefined` when absent, and where nobody asks for it. */
  readonly spelt: Source | undefined;
}

function apply(document: Json, { operation, spelt }: Step): Json {
  const path = pointer(operation, "path");
  const value = at(operation, "value");
  switch (textAt(operation, "op")) {
    case "add":
      return edit(document, { path, change: (parent, key) => add(parent, { key, value: value ?? null }) });
    case "remove":
      return edit(document, { path, change: remove });
    case "replace":
      if (path.length === 0) return wholeDocument(value);
      return edit(document, { path, change: (parent, key) => replace(parent, { key, value: value ?? null }) });
    case "move": {
      const from = pointer(operation, "from");
      const moved = read(document, from) ?? null;
      const removed = edit(document, { path: from, change: remove });
      return edit(removed, { path, change: (parent, key) => add(parent, { key, value: moved }) });
    }
    case "copy": {
      const copied = read(document, pointer(operation, "from")) ?? null;
      return edit(document, { path, change: (parent, key) => add(parent, { key, value: copied }) });
    }
    case "test":
      if (!passes(document, { path, value: spelt })) throw patchDoesNotApply();
      return document;
    default:
      throw patchDoesNotApply();
  }
}

function passes(
  document: Json,
  { path, value }: { readonly path: readonly string[]; readonly value: Source | undefined },
): boolean {
  const actual = path.length === 0 ? document : read(document, path);
  if (actual === undefined || actual === null) return value === undefined || value.value === null;
  return value !== undefined && sourceMatches(actual, value);
}

function wholeDocument(whole: Json | undefined): Json {
  if (isObject(whole) || isList(whole)) return whole;
  throw patchDoesNotApply();
}

/** The value that a path names; a missing last step is `undefined`, a missing parent is a patch that does not apply. */
function read(document: Json, path: readonly string[]): Json | undefined {
  const parent = path.slice(0, -1).reduce<Json | undefined>((here, step) => child(here, step), document);
  const key = path.at(-1);
  if (key === undefined || !(isObject(parent) || isList(parent))) throw patchDoesNotApply();
  return child(parent, key);
}

function child(parent: Json | undefined, key: string): Json | undefined {
  if (isList(parent)) return parent[existingIndex(parent, key)];
  return at(parent, key);
}

type Change = (parent: JsonObject | readonly Json[], key: string) => Json;

/** Rebuilds the document along a path, with `change` applied to the parent of its last step. */
function edit(
  document: Json | undefined,
  { path, change }: { readonly path: readonly string[]; readonly change: Change },
): Json {
  const [key, ...rest] = path;
  if (key === undefined || !(isObject(document) || isList(document))) throw patchDoesNotApply();
  if (rest.length === 0) return change(document, key);
  const inner = edit(child(document, key), { path: rest, change });
  if (isList(document)) return document.with(existingIndex(document, key), inner);
  return { ...document, [key]: inner };
}

function add(
  parent: JsonObject | readonly Json[],
  { key, value }: { readonly key: string; readonly value: Json },
): Json {
  if (!isList(parent)) return { ...parent, [key]: value };
  if (key === "-") return [...parent, value];
  const index = wholeNumber(key);
  const position = index < 0 ? index + parent.length + 1 : index;
  if (position < 0 || position > parent.length) throw patchDoesNotApply();
  return parent.toSpliced(position, 0, value);
}

function remove(parent: JsonObject | readonly Json[], key: string): Json {
  if (isList(parent)) return parent.toSpliced(existingIndex(parent, key), 1);
  if (at(parent, key) === undefined) throw patchDoesNotApply();
  return without(parent, key);
}

function replace(
  parent: JsonObject | readonly Json[],
  { key, value }: { readonly key: string; readonly value: Json },
): Json {
  return isList(parent) ? parent.with(existingIndex(parent, key), value) : { ...parent, [key]: value };
}

function existingIndex(list: readonly Json[], key: string): number {
  const index = wholeNumber(key);
  const position = index < 0 ? index + list.length : index;
  if (position < 0 || position >= list.length) throw patchDoesNotApply();
  return position;
}

function wholeNumber(key: string): number {
  if (!/^[+-]?\d+$/.test(key)) throw patchDoesNotApply();
  return Number(key);
}

/** The steps of a JSON pointer. What stands before the first slash is ignored, as the real server does. */
function pointer(operation: JsonObject, field: "path" | "from"): readonly string[] {
  const text = textAt(operation, field);
  if (text === undefined) throw patchDoesNotApply();
  return text
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

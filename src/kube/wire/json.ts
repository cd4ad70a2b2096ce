/** What JSON can hold. An absent key and `undefined` are the same: no value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object as it came, unknown fields included. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * The value of a JSON text, or `undefined` if the text is not JSON. Whole numbers beyond 2^53, which Kubernetes
 * allows (`terminationGracePeriodSeconds` is an int64), survive a round trip through `JSON.stringify`: they are
 * kept as their digits, and a reader that wants a number finds none.
 */
export function parseJson(text: string): Json | undefined {
  try {
    return longDigits.test(text) ? parseExactly(text) : parsed(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Arrays and null are none. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The beginning of a value as text, short enough for a log line. */
export function excerptOf(value: Json | undefined): string {
  const text = typeof value === "string" ? value : written(value);
  // Most of a text of megabytes would be tidied for nothing.
  const line = text
    .slice(0, 10 * longestExcerpt)
    .replace(/\s+/g, " ")
    .trim();
  return line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
}

const longestExcerpt = 200;

/**
 * The beginning as JSON: what is deep or long is left out, because a stranger's may be so deep that nobody can write
 * it.
 */
function written(value: Json | undefined, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 2 * longestExcerpt));
  if (typeof value !== "object" || value === null || exactJson.isRawJSON(value)) {
    return JSON.stringify(value) ?? "nothing";
  }
  if (depth === deepestExcerpt) return "…";
  const [open, close] = isJsonObject(value) ? "{}" : "[]";
  let parts = "";
  for (const part of partsOf(value, depth)) {
    parts += parts === "" ? part : `,${part}`;
    if (parts.length > longestExcerpt) break;
  }
  return `${open}${parts}${close}`;
}

function* partsOf(value: JsonObject | readonly Json[], depth: number): Generator<string, void, undefined> {
  if (isJsonObject(value)) {
    for (const key of Object.keys(value)) yield `${written(key)}:${written(value[key], depth + 1)}`;
  } else {
    for (const one of value) yield written(one, depth + 1);
  }
}

const deepestExcerpt = 8;

/**
 * Sixteen digits of a number may be more than a double holds. Digests of images have as many in a row, and are met in
 * nearly every list of Nodes: what stands in a string is left out, except behind a space or a comma, where it only
 * costs time.
 */
const longDigits = /(?:^|"\s*:|[[,\s])-?\d{16}/;

/** Slower than a plain parse by some factor, so only for texts that may need it. */
function parseExactly(text: string): Json {
  return parsed(
    exactJson.parse(text, (_key, value, { source }) =>
      typeof value === "number" && source !== undefined && /^-?\d+$/.test(source) && !Number.isSafeInteger(value)
        ? exactJson.rawJSON(source)
        : value,
    ),
  );
}

/** What "JSON.parse source text access" of ECMAScript adds, which the type library does not know yet. */
interface SourceTextAccess {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
const exactJson = JSON as SourceTextAccess & JSON;

/** JSON.parse answers nothing but JSON; its type says `any`. */
function parsed(value: unknown): Json {
  return value as Json;
}

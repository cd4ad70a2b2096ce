/** Parsed JSON as it comes: nothing about its shape is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The text as a JSON object, or a sentence that says why it is none. Arrays and scalars are none. */
export function parseJsonObject(
  text: string,
): { readonly kind: "object"; readonly object: JsonObject } | { readonly kind: "not"; readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "not", reason: error instanceof Error ? error.message : String(error) };
  }
  return isJsonObject(value) ? { kind: "object", object: value } : { kind: "not", reason: "it is not a JSON object" };
}

/** Whether a parsed value is an object: neither null, nor an array, nor a scalar. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The field as text, `undefined` when it is absent or something else. */
export function textField(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}

/** The field as a whole number, `undefined` when it is absent or something else. */
export function wholeField(object: JsonObject, name: string): number | undefined {
  const value = object[name];
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

/** The field as an object, `undefined` when it is absent or something else. */
export function objectField(object: JsonObject, name: string): JsonObject | undefined {
  const value = object[name];
  return isJsonObject(value) ? value : undefined;
}

/** An RFC 3339 instant in milliseconds since the epoch, `undefined` when it is absent or not one. */
export function instantField(object: JsonObject, name: string): number | undefined {
  const text = textField(object, name);
  return text === undefined ? undefined : parseInstant(text);
}

const instantShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 to milliseconds since the epoch; `undefined` for anything else, whatever `Date.parse` would guess. */
export function parseInstant(text: string): number | undefined {
  if (!instantShape.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Milliseconds since the epoch as RFC 3339 in UTC with milliseconds. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

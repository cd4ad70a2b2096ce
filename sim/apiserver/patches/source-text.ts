import { at, isList, isObject } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";
import { badRequest } from "../status.ts";

/** A JSON value together with the way in which its author spelt it. */
export interface Source {
  readonly value: Json;
  /** The spelling of a text, number or boolean; empty for everything else. */
  readonly text: string;
  readonly items: readonly Source[];
  readonly fields: ReadonlyMap<string, Source>;
}

/** Parses JSON and keeps the spelling of its leaves; throws a 400 for what is not JSON. */
export function parseSources(text: string): Source {
  try {
    // Called for the innermost values first, so that lists and objects find their parts already converted.
    return JSON.parse(text, (_name, value: Inner, context?: { readonly source?: string }) =>
      sourceOf(value, context?.source ?? ""),
    ) as Source;
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest("invalid JSON patch");
    throw error;
  }
}

type Inner = null | boolean | number | string | readonly Source[] | Readonly<Record<string, Source>>;

function sourceOf(value: Inner, text: string): Source {
  if (value === null || typeof value !== "object") return { value, text, items: [], fields: new Map() };
  if (isSources(value)) {
    return { value: value.map((item) => item.value), text: "", items: value, fields: new Map() };
  }
  const fields = new Map(Object.entries(value));
  return {
    value: Object.fromEntries([...fields].map(([name, field]) => [name, field.value])),
    text: "",
    items: [],
    fields,
  };
}

function isSources(value: readonly Source[] | Readonly<Record<string, Source>>): value is readonly Source[] {
  return Array.isArray(value);
}

/**
 * Whether a stored value equals one of a patch as the real server compares them: leaf by leaf, by text. Its own
 * encoder escapes `<`, `>`, `&` and the two Unicode line separators, so a patch that spells them plainly differs.
 */
export function sourceMatches(stored: Json, source: Source): boolean {
  if (isList(stored)) {
    if (!isList(source.value) || stored.length !== source.value.length) return false;
    return stored.every((item, index) => {
      const other = source.items[index];
      return other !== undefined && sourceMatches(item, other);
    });
  }
  if (isObject(stored)) {
    if (!isObject(source.value)) return false;
    const names = Object.keys(stored).filter((name) => stored[name] !== undefined);
    if (names.length !== source.fields.size) return false;
    return names.every((name) => {
      const [one, other] = [at(stored, name), source.fields.get(name)];
      return one !== undefined && other !== undefined && sourceMatches(one, other);
    });
  }
  return stored === null ? source.value === null : goText(stored) === source.text;
}

/** A leaf as Go's JSON encoder writes it. */
function goText(leaf: string | number | boolean): string {
  return JSON.stringify(leaf).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

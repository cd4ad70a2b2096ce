import { isJsonObject } from "../json.ts";
import { field, parseEntry, parseInt64 } from "./entry.ts";
import type { FieldFault, LedgerEntry } from "./entry.ts";
import { elements, members } from "./slices.ts";
import type { Member } from "./slices.ts";

/** What kured's lock annotation says: who may be out of service now. */
export type Ledger =
  /** No annotation, or a list of holders with nobody in it. */
  | { readonly kind: "free" }
  /** Something that kured would fail on. Somebody wants the fleet to stand still; it is never overwritten. */
  | { readonly kind: "unreadable"; readonly text: string; readonly reason: string }
  /** Written by a kured with `--concurrency` of at most one, or by hand. */
  | { readonly kind: "single"; readonly entry: LedgerEntry }
  /** Written by a kured with a larger `--concurrency`, which is `maxOwners`. Never empty. */
  | { readonly kind: "multi"; readonly maxOwners: number; readonly entries: readonly LedgerEntry[] };

/** The annotation's value, undefined where it is absent. Never throws: every text means something. */
export function parseLedger(text: string | undefined): Ledger {
  if (text === undefined) return { kind: "free" };
  const fields = objectMembers(text);
  if ("reason" in fields) return { kind: "unreadable", text, reason: fields.reason };

  if (!fields.some(({ key }) => maxOwnersKey.test(key) || locksKey.test(key))) {
    const entry = parseEntry(text);
    return "reason" in entry ? { kind: "unreadable", text, reason: entry.reason } : { kind: "single", entry };
  }
  const list = readList(fields);
  if ("reason" in list) return { kind: "unreadable", text, reason: list.reason };
  if (list.places.length === 0) return { kind: "free" };
  return { kind: "multi", maxOwners: list.maxOwners, entries: list.places.map(({ entry }) => entry) };
}

/** A list of holders with the text of every part, so that it can be written again without touching the others. */
export interface HolderList {
  readonly maxOwners: number;
  readonly places: readonly Place[];
  /** Members that kured does not know. */
  readonly unknown: readonly Member[];
}

/** One holder of a list, and the text that says so. */
export interface Place {
  readonly entry: LedgerEntry;
  readonly raw: string;
}

/** The list in an annotation that `parseLedger` calls `multi` or (because nobody is in it) `free`; else undefined. */
export function holderList(text: string | undefined): HolderList | undefined {
  if (text === undefined) return undefined;
  const fields = objectMembers(text);
  if ("reason" in fields) return undefined;
  const list = readList(fields);
  return "reason" in list ? undefined : list;
}

// Go folds case by Unicode's simple folding, which is what the flags i and u together do.
const maxOwnersKey = /^maxowners$/iu;
const locksKey = /^locks$/iu;
const nodeIdKey = /^nodeid$/iu;

function objectMembers(text: string): readonly Member[] | FieldFault {
  if (text.trim() === "") return { reason: "the annotation is empty" };
  try {
    return isJsonObject(JSON.parse(text)) ? members(text) : { reason: "not a JSON object" };
  } catch {
    return { reason: "not JSON" };
  }
}

function readList(fields: readonly Member[]): HolderList | FieldFault {
  // A kured of one concurrency would see another holder than a kured of the other.
  if (fields.some(({ key }) => nodeIdKey.test(key))) return { reason: "both a single holder and a list of holders" };
  const maxOwners = parseInt64(field(fields, maxOwnersKey) ?? "0");
  if (maxOwners === undefined) return { reason: "maxOwners is not a whole number" };
  const locks = field(fields, locksKey) ?? "[]";
  if (!locks.startsWith("[")) return { reason: "locks is not a list" };
  const places = readPlaces(elements(locks));
  if ("reason" in places) return places;
  const unknown = fields.filter(({ key }) => !maxOwnersKey.test(key) && !locksKey.test(key));
  return { maxOwners: Number(maxOwners), places, unknown };
}

function readPlaces(raws: readonly string[]): readonly Place[] | FieldFault {
  const places: Place[] = [];
  for (const raw of raws) {
    if (!raw.startsWith("{")) return { reason: "locks holds something that is not an object" };
    const entry = parseEntry(raw);
    if ("reason" in entry) return entry;
    places.push({ entry, raw });
  }
  return places;
}

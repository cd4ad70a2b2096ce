import { formatCreated, zeroCreated } from "./created.ts";
import type { LedgerEntry } from "./entry.ts";
import { holderList, parseLedger } from "./ledger.ts";
import type { HolderList, Ledger, Place } from "./ledger.ts";

/** What identifies an entry of ours: the node, and `created` exactly as we wrote it. */
export interface EntryIdentity {
  readonly nodeId: string;
  readonly created: string;
}

/** What is to be written anew, read once for all who want to: a hundred may be about to enter themselves at once. */
export interface LedgerText {
  readonly ledger: Ledger;
  readonly list: HolderList | undefined;
}

/** The annotation without the entries in `over`; put in only what `standing` has proven to be over. */
export function readWithout(text: string | undefined, over: readonly EntryIdentity[] = []): LedgerText {
  const rest = over.reduce(withoutEntry, text);
  return { ledger: parseLedger(rest), list: holderList(rest) };
}

/** Nothing is written on an annotation that cannot be read: it is a pause, told with its text. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly text: string;
  readonly reason: string;
}

/** How an attempt to take a place came out; except for `added` nothing is to be written. */
export type Addition =
  /** The annotation's new value, to be written only if it still has the value that was read. */
  | { readonly kind: "added"; readonly text: string }
  /** The node has an entry: a second one would block a place for ever (bug B7 of kured 1.23). */
  | { readonly kind: "already"; readonly entry: LedgerEntry }
  /** As many as may be are in it. */
  | { readonly kind: "full"; readonly holders: readonly LedgerEntry[] }
  /** Someone holds it in the format of another `--concurrency` (bug B6): waited for, whatever the limit. */
  | { readonly kind: "mixed"; readonly holders: readonly LedgerEntry[] }
  | Unreadable;

/**
 * Takes a place for `entry`. `concurrency` decides the format as in kured: at most one is a single holder, more is
 * a list. Who leaves out what is over drops it in the same write.
 */
export function addEntry(
  { ledger, list }: LedgerText,
  { entry, concurrency }: { entry: LedgerEntry; concurrency: number },
): Addition {
  if (ledger.kind === "unreadable") return ledger;
  const holders = ledger.kind === "free" ? [] : ledger.kind === "single" ? [ledger.entry] : ledger.entries;
  const own = holders.find(({ nodeId }) => nodeId === entry.nodeId);
  if (own !== undefined) return { kind: "already", entry: own };

  const format = concurrency > 1 ? "multi" : "single";
  if (ledger.kind !== "free" && ledger.kind !== format) return { kind: "mixed", holders };
  if (holders.length >= Math.max(concurrency, 1)) return { kind: "full", holders };
  if (format === "single") return { kind: "added", text: formatEntry(entry) };
  const { places = [], unknown = [] } = list ?? {};
  const added = { maxOwners: concurrency, places: [...places, { entry, raw: formatEntry(entry) }], unknown };
  return { kind: "added", text: formatList(added) };
}

/** How an attempt to leave came out. */
export type Removal =
  /** The new value; undefined means that the annotation itself is to be removed. */
  | { readonly kind: "removed"; readonly text: string | undefined }
  /** No such entry: nothing is left to release. */
  | { readonly kind: "notFound" }
  | Unreadable;

/**
 * Gives the place of one entry back. Where a list becomes empty the annotation goes: kured leaves an empty list,
 * on which a kured of `--concurrency=1` would wait for ever (bug B6).
 */
export function removeEntry(read: LedgerText, identity: EntryIdentity): Removal {
  return rewrite(read, identity, () => undefined);
}

/** How an attempt to renew came out. */
export type Renewal =
  | { readonly kind: "refreshed"; readonly text: string }
  /** No such entry: the place is lost. */
  | { readonly kind: "notFound" }
  | Unreadable;

/**
 * Renews our own entry. Where `created` is left out, the entry stays the same one and only ends later, so that
 * what was recorded about it remains true; `ttlNs` counts from the entry's `created` either way.
 */
export function refreshEntry(
  text: string | undefined,
  { nodeId, created, next }: EntryIdentity & { next: { readonly ttlNs: bigint; readonly created?: string } },
): Renewal {
  const renewed = rewrite(readWithout(text), { nodeId, created }, (entry) => ({ ...entry, ...next }));
  if (renewed.kind !== "removed") return renewed;
  return renewed.text === undefined ? { kind: "notFound" } : { kind: "refreshed", text: renewed.text };
}

/** An entry as it will be written: `created` is `wallMs` in Go's form; a TTL of 0 or less never ends. */
export function newEntry(holder: {
  readonly nodeId: string;
  readonly unschedulable: boolean;
  readonly wallMs: number;
  readonly ttlNs: bigint;
}): LedgerEntry {
  const { nodeId, unschedulable, wallMs, ttlNs } = holder;
  return { nodeId, unschedulable, created: formatCreated(wallMs), createdMs: wallMs, ttlNs };
}

/** Replaces the entries of one identity, or drops them where `change` answers undefined; others keep their text. */
function rewrite(
  { ledger, list }: LedgerText,
  identity: EntryIdentity,
  change: (entry: LedgerEntry) => LedgerEntry | undefined,
): Removal {
  if (ledger.kind === "unreadable") return ledger;
  if (ledger.kind === "single") {
    if (!is(ledger.entry, identity)) return { kind: "notFound" };
    const changed = change(ledger.entry);
    return { kind: "removed", text: changed && formatEntry(changed) };
  }
  if (list === undefined || !list.places.some(({ entry }) => is(entry, identity))) return { kind: "notFound" };
  const places = list.places.flatMap((place): readonly Place[] => {
    if (!is(place.entry, identity)) return [place];
    const entry = change(place.entry);
    return entry === undefined ? [] : [{ entry, raw: formatEntry(entry) }];
  });
  return { kind: "removed", text: places.length === 0 ? undefined : formatList({ ...list, places }) };
}

function withoutEntry(text: string | undefined, identity: EntryIdentity): string | undefined {
  const removal = removeEntry(readWithout(text), identity);
  return removal.kind === "removed" ? removal.text : text;
}

function is(entry: LedgerEntry, { nodeId, created }: EntryIdentity): boolean {
  return entry.nodeId === nodeId && entry.created === created;
}

function formatList({ maxOwners, places, unknown }: HolderList): string {
  const locks = places.map(({ raw }) => raw).join(",");
  const others = unknown.map(({ key, raw }) => `,${goString(key)}:${raw}`).join("");
  return `{"maxOwners":${maxOwners},"locks":[${locks}]${others}}`;
}

/** Byte for byte what kured writes: its order and spelling of the keys, nanoseconds as digits. */
function formatEntry({ nodeId, unschedulable, created, ttlNs }: LedgerEntry): string {
  const time = goString(created === "" ? zeroCreated : created);
  return `{"nodeID":${goString(nodeId)},"metadata":{"unschedulable":${unschedulable}},"created":${time},"TTL":${ttlNs}}`;
}

/** A string as Go's encoding/json writes it, safe inside HTML. */
function goString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

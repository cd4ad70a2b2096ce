import { keyOf, withMeta } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { sameJson } from "../objects/json.ts";
import type { Resource } from "../objects/resources.ts";

/** One write: created without `before`, deleted without `after`. Both carry the version of their own write. */
export interface Change {
  readonly resourceVersion: number;
  /** Of `Resource.stored`. */
  readonly stored: string;
  readonly before?: KubeObject;
  readonly after?: KubeObject;
}

/**
 * All objects, one version number for all of them, and as much history as watches may ask for. Objects are
 * never changed in place. What is written is told to listeners before the write returns.
 */
export class Store {
  readonly #objects = new Map<string, Map<string, KubeObject>>();
  /** Each kind's objects in order, as they were when somebody last asked. */
  readonly #lists = new Map<string, KnownList>();
  /** By what they listen to. */
  readonly #listeners = new Map<string, Set<Listener>>();
  #lastListener = 0;
  readonly #historyLimit: number;
  #history: Change[] = [];
  #version = 1;
  #compacted = 0;

  constructor(options: { readonly historyLimit: number }) {
    this.#historyLimit = options.historyLimit;
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  /** The newest version whose successors are all known no longer; 0 while everything is. */
  get compacted(): number {
    return this.#compacted;
  }

  get(resource: Resource, key: string): KubeObject | undefined {
    return this.#objects.get(resource.stored)?.get(key);
  }

  /** Everything of one kind, sorted by key; the very same list until something of this kind is written. */
  list({ stored }: Resource): readonly KubeObject[] {
    const known = this.#lists.get(stored);
    if (known?.changed.size === 0) return known.list;
    const objects = this.#objects.get(stored) ?? new Map<string, KubeObject>();
    const list = known === undefined ? sorted(objects) : broughtUpToDate(known, objects);
    this.#lists.set(stored, { list, changed: new Set() });
    return list;
  }

  /** The list as it was at `version`, which must be one that is neither compacted nor still to come. */
  listAt(resource: Resource, version: number): readonly KubeObject[] {
    if (version === this.#version) return this.list(resource);
    const objects = new Map(this.#objects.get(resource.stored));
    for (const { resourceVersion, stored, before, after } of this.#history.toReversed()) {
      if (resourceVersion <= version) break;
      if (stored !== resource.stored) continue;
      if (after !== undefined) objects.delete(keyOf(after));
      if (before !== undefined) objects.set(keyOf(before), before);
    }
    return sorted(objects);
  }

  /** Creates or replaces; a write that changes nothing answers what is there and counts no version. */
  put(resource: Resource, object: KubeObject): KubeObject {
    const objects = this.#of(resource);
    const key = keyOf(object);
    const before = objects.get(key);
    if (
      before !== undefined &&
      sameJson(before, withMeta(object, { resourceVersion: before.metadata.resourceVersion }))
    ) {
      return before;
    }
    this.#version += 1;
    const after = withMeta(object, { resourceVersion: String(this.#version) });
    objects.set(key, after);
    this.#tell({ resourceVersion: this.#version, stored: resource.stored, ...(before && { before }), after });
    return after;
  }

  /** Removes what is there; the answer is its last state, with the version of the removal. */
  remove(resource: Resource, object: KubeObject): KubeObject {
    this.#of(resource).delete(keyOf(object));
    this.#version += 1;
    this.#tell({ resourceVersion: this.#version, stored: resource.stored, before: object });
    return withMeta(object, { resourceVersion: String(this.#version) });
  }

  /** The writes of one kind after `version`, oldest first. */
  since(resource: Resource, version: number): readonly Change[] {
    return this.#history.filter((change) => change.stored === resource.stored && change.resourceVersion > version);
  }

  /** Forgets the history up to now, as etcd's compaction does. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#version;
  }

  /** Calls `hear` for every later write, or those of one topic; the answer stops that. Who hears must not write. */
  listen(hear: (change: Change) => void, topic: Topic = {}): () => void {
    const about = topicText(topic);
    const others = this.#listeners.get(about) ?? new Set();
    this.#listeners.set(about, others);
    this.#lastListener += 1;
    const listener = { since: this.#lastListener, hear };
    others.add(listener);
    return () => {
      others.delete(listener);
      if (others.size === 0 && this.#listeners.get(about) === others) this.#listeners.delete(about);
    };
  }

  #of(resource: Resource): Map<string, KubeObject> {
    const known = this.#objects.get(resource.stored);
    if (known !== undefined) return known;
    const fresh = new Map<string, KubeObject>();
    this.#objects.set(resource.stored, fresh);
    return fresh;
  }

  #tell(change: Change): void {
    const changed = change.after ?? change.before;
    if (changed !== undefined) this.#lists.get(change.stored)?.changed.add(keyOf(changed));
    this.#history.push(change);
    if (this.#history.length > this.#historyLimit) {
      // In bulk, because dropping one entry of a long list costs as much as dropping half of them.
      const dropped = this.#history.splice(0, Math.ceil(this.#historyLimit / 2));
      this.#compacted = dropped.at(-1)?.resourceVersion ?? this.#compacted;
    }
    const { stored } = change;
    const topics: readonly Topic[] = [{}, { stored }, ...(changed ? [{ stored, name: changed.metadata.name }] : [])];
    const hearing = topics.flatMap((topic) => [...(this.#listeners.get(topicText(topic)) ?? [])]);
    // In the order in which they began, whatever each of them listens to.
    for (const { hear } of hearing.toSorted((one, other) => one.since - other.since)) hear(change);
  }
}

/** Which writes are listened to: all, those of one kind (`Resource.stored`), or of it those of objects of one name. */
export interface Topic {
  readonly stored?: string;
  readonly name?: string | undefined;
}

/** A thousand agents watch one Node each: a write is told to those whom it concerns, not asked of all. */
function topicText({ stored = "", name = "" }: Topic): string {
  return `${stored} ${name}`;
}

interface Listener {
  /** The number of its beginning. */
  readonly since: number;
  readonly hear: (change: Change) => void;
}

/** A list, and what was written since: of tens of thousands of pods few change between one look and the next. */
interface KnownList {
  readonly list: readonly KubeObject[];
  /** The keys of what was created, replaced or removed. */
  readonly changed: Set<string>;
}

/** Another list, because those who have the old one may still be reading it. */
function broughtUpToDate(
  { list, changed }: KnownList,
  objects: ReadonlyMap<string, KubeObject>,
): readonly KubeObject[] {
  // Moving everything behind each of so many would take longer.
  if (changed.size * 16 > list.length) return sorted(objects);
  const next = [...list];
  for (const key of changed) {
    const position = positionOf(key, next);
    const there = next[position];
    const known = there !== undefined && keyOf(there) === key;
    const object = objects.get(key);
    next.splice(position, known ? 1 : 0, ...(object === undefined ? [] : [object]));
  }
  return next;
}

/** Where in the order of keys an object with this key is, or would be. */
function positionOf(key: string, list: readonly KubeObject[]): number {
  let [from, to] = [0, list.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const there = list[middle];
    if (there !== undefined && keyOf(there) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

function sorted(objects: ReadonlyMap<string, KubeObject>): readonly KubeObject[] {
  return [...objects].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, object]) => object);
}

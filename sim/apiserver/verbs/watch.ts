import type { Backend, Call } from "../call.ts";
import type { JsonObject } from "../objects/json.ts";
import { withMeta } from "../objects/object.ts";
import type { KubeObject } from "../objects/object.ts";
import { apiVersionOf } from "../objects/resources.ts";
import { expired, invalidOptions } from "../status.ts";
import type { FieldError } from "../status.ts";
import type { Change } from "../store/store.ts";
import { objectViewOf, shown } from "../objects/view.ts";
import { parseFieldSelector, selectedName } from "../selectors/fields.ts";
import { garbledVersion, selectionOf } from "./read.ts";

/** What a front does with an open watch. Called from within the write that causes it, so it must only take note. */
export interface WatchListener {
  /** One event as a line of JSON, newline included. */
  line(text: string): void;
  /** The server ended the stream; `cut` means in the middle, without its proper end. */
  end(how: "closed" | "cut"): void;
}

/** A watch that was allowed and has a starting point; nothing is sent before `open`. */
export interface Watch {
  /** After this long the front ends it. */
  readonly timeoutMs: number;
  /** Sends what is due, and then every event as it happens. May end the stream at once. */
  open(listener: WatchListener): void;
  /** Says how far the client has got, if it wants bookmarks. */
  bookmark(): void;
  /** Ends it without a word; the listener hears of it. */
  end(how: "closed" | "cut"): void;
  /** Tells the client that its history is gone, and ends. */
  expire(): void;
  /** The client has gone: nothing is sent any more, not even the end. */
  forget(): void;
}

/** Every open watch, so that the owner of the server can end them. */
export type OpenWatches = Set<Watch>;

/** Begins a watch on a collection; throws what the real server refuses before it starts a stream. */
export function watch(call: Call, backend: Backend & { readonly watches: OpenWatches }): Watch {
  const { store, random, watches } = backend;
  const scene: Scene = { call, selects: selectionOf(call), view: objectViewOf(call) };
  refuseUnknown(call);
  const start = startOf(call);
  const bookmarks = call.query.get("allowWatchBookmarks") === "true" || call.query.get("allowWatchBookmarks") === "1";
  let listener: WatchListener | undefined;
  let stop: (() => void) | undefined;

  const opened: Watch = {
    timeoutMs: timeoutMs(call, random.next()),
    open(to) {
      listener = to;
      watches.add(opened);
      if (start !== undefined && start < store.compacted) return opened.expire();
      const missed =
        start === undefined
          ? initialEvents(scene, store.list(call.resource))
          : eventsOf(scene, store.since(call.resource, start));
      for (const event of missed) send(event);
      const fields = parseFieldSelector(call.query.get("fieldSelector") ?? "", call.resource);
      const topic = { stored: call.resource.stored, name: selectedName(fields) };
      stop = store.listen((change) => eventsOf(scene, [change]).forEach(send), topic);
    },
    bookmark() {
      if (bookmarks) send({ type: "BOOKMARK", object: bookmarkOf(scene, store.version) });
    },
    expire() {
      send({ type: "ERROR", object: expired(`too old resource version: ${start ?? 0} (${store.compacted})`).status });
      opened.end("closed");
    },
    end(how) {
      const told = listener;
      opened.forget();
      told?.end(how);
    },
    forget() {
      stop?.();
      listener = undefined;
      watches.delete(opened);
    },
  };
  return opened;

  function send(event: JsonObject): void {
    listener?.line(`${JSON.stringify(event)}\n`);
  }
}

interface Scene {
  readonly call: Call;
  readonly selects: (object: KubeObject) => boolean;
  readonly view: ReturnType<typeof objectViewOf>;
}

/** The version after which events are wanted; `undefined` means to begin with all that is there now. */
function startOf(call: Call): number | undefined {
  const text = call.query.get("resourceVersion") ?? "";
  if (text === "" || text === "0") return undefined;
  if (!/^\d+$/.test(text)) throw garbledVersion(text, call.verb);
  return Number(text);
}

/** As a server without streaming lists does, so that clients fall back to listing. */
function refuseUnknown(call: Call): void {
  const refuse = (field: string, { unless, more = [] }: { unless: string; more?: readonly FieldError[] }): void => {
    const message = `Forbidden: ${field} is forbidden for watch unless ${unless}`;
    if (call.query.has(field))
      throw invalidOptions("ListOptions", { field, message, type: "FieldValueForbidden" }, ...more);
  };
  refuse("sendInitialEvents", { unless: "the WatchList feature gate is enabled" });
  const match = call.query.get("resourceVersionMatch") ?? "";
  const message = `Unsupported value: "${match}": supported values: "NotOlderThan"`;
  const unsupported = { field: "resourceVersionMatch", message, type: "FieldValueNotSupported" };
  const more = match === "NotOlderThan" ? [] : [unsupported];
  refuse("resourceVersionMatch", { unless: "sendInitialEvents is provided", more });
}

/** Half an hour to an hour when the client does not say, as the real server spreads its clients. */
function timeoutMs(call: Call, chance: number): number {
  const seconds = Number(call.query.get("timeoutSeconds") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : Math.round(1_800_000 * (1 + chance));
}

function initialEvents(scene: Scene, objects: readonly KubeObject[]): readonly JsonObject[] {
  return objects.filter(scene.selects).map((object) => event("ADDED", { scene, object }));
}

/** To a watcher that selects, an object begins when it enters the selection and ends when it leaves. */
function eventsOf(scene: Scene, changes: readonly Change[]): readonly JsonObject[] {
  return changes.flatMap(({ before, after, resourceVersion }) => {
    const was = before !== undefined && scene.selects(before) ? before : undefined;
    const is = after !== undefined && scene.selects(after) ? after : undefined;
    if (is !== undefined) return [event(was === undefined ? "ADDED" : "MODIFIED", { scene, object: is })];
    if (was === undefined) return [];
    const last = withMeta(was, { resourceVersion: String(resourceVersion) });
    return [event("DELETED", { scene, object: last })];
  });
}

function event(type: string, { scene, object }: { readonly scene: Scene; readonly object: KubeObject }): JsonObject {
  return { type, object: shown(object, { view: scene.view, resource: scene.call.resource }) };
}

function bookmarkOf({ call, view }: Scene, version: number): JsonObject {
  const metadata = { resourceVersion: String(version) };
  if (view !== "object") return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
  return { kind: call.resource.kind, apiVersion: apiVersionOf(call.resource), metadata };
}

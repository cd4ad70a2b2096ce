import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { getEventListeners } from "node:events";
import test from "node:test";
import type { TestContext } from "node:test";
import { machineClock } from "../host/clock.ts";
import type { Clock } from "../ports/clock.ts";
import { answer, event, failure, object, scriptedServer } from "../../test/kube/server.ts";
import type { ScriptedServer, Seen } from "../../test/kube/server.ts";
import { decodeObject } from "./object.ts";
import { watchCollection } from "./watch.ts";
import type { WatchParts } from "./watch.ts";

/** What the n-th list and the n-th watch are answered with; the last one serves all later ones. */
interface Scripts {
  readonly lists: readonly ((response: ServerResponse, request: Seen) => void)[];
  readonly watches: readonly ((response: ServerResponse, request: Seen) => void)[];
}

type Limits = Partial<Pick<WatchParts<never>, "fieldSelector" | "metadataOnly" | "idleMs" | "maxLineBytes">>;

/** A watch under way: what it told, and how long it waited in between. */
interface Watching {
  readonly server: ScriptedServer;
  /** For example `list a b`, `upsert a`, `delete b`, `lost unreachable`. */
  readonly told: string[];
  readonly logged: string[];
  readonly slept: number[];
  readonly contacts: number[];
  readonly signal: AbortSignal;
  /** Resolves when `count` things have been told. */
  until(count: number): Promise<void>;
  stop(): Promise<void>;
}

async function startWatch(t: TestContext, scripts: Scripts, options: Limits = {}): Promise<Watching> {
  let lists = 0;
  let watches = 0;
  let held = 0;
  const server = await scriptedServer(t, (request, response) => {
    const script = request.query.has("watch") ? nth(scripts.watches, watches++) : nth(scripts.lists, lists++);
    script(response, request);
  });
  const told: string[] = [];
  const logged: string[] = [];
  const slept: number[] = [];
  const contacts: number[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const running = watchCollection("nodes", {
    client: server.client,
    clock: impatient(slept),
    random: { next: () => 0.5, hex: () => "00" },
    log: { write: (level, message) => logged.push(`${level} ${message}`) },
    decode: decodeObject,
    handlers: {
      replaced: (items) => {
        held = items.length;
        told.push(["list", ...items.map(({ name }) => name)].join(" "));
      },
      upserted: ({ name }) => {
        held += 1;
        told.push(`upsert ${name}`);
      },
      held: () => held,
      deleted: ({ name }) => told.push(`delete ${name}`),
      contact: (observedAtMs) => contacts.push(observedAtMs),
      lost: ({ kind }) => told.push(`lost ${kind}`),
    },
    signal,
    ...options,
  });
  const ended = assert.rejects(running, /enough/);
  const stop = async (): Promise<void> => {
    controller.abort(new Error("enough"));
    await ended;
  };
  t.after(stop);
  const until = async (count: number): Promise<void> => {
    const deadline = Date.now() + 30_000;
    while (told.length < count) {
      assert.ok(Date.now() < deadline, `told only: ${told.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { server, told, logged, slept, contacts, signal, until, stop };
}

/** Real time, except that what would be a pause is only noted. Longer sleeps are the watchdog's and stay real. */
function impatient(slept: number[]): Clock {
  const clock = machineClock();
  return {
    ...clock,
    sleep: async (durationMs, options) => {
      if (durationMs > 45_000) return await clock.sleep(durationMs, options);
      slept.push(durationMs);
      await clock.sleep(Math.min(durationMs, 1), options);
    },
  };
}

function nth<T>(list: readonly T[], n: number): T {
  const one = list[Math.min(n, list.length - 1)];
  assert.ok(one !== undefined);
  return one;
}

const list =
  (resourceVersion: string, ...names: string[]) =>
  (response: ServerResponse) => {
    answer(response, 200, { metadata: { resourceVersion }, items: names.map((name) => object(name)) });
  };
const hold =
  (...lines: string[]) =>
  (response: ServerResponse) => {
    response.write(`${lines.join("")}`);
  };
const close =
  (...lines: string[]) =>
  (response: ServerResponse) => {
    response.end(`${lines.join("")}`);
  };
const cut = (text: string) => (response: ServerResponse) => {
  response.write(text, () => response.destroy());
};
const refuse = (code: number, reason: string) => (response: ServerResponse) => {
  answer(response, code, failure(code, reason));
};

const added = event("ADDED", object("c", { resourceVersion: "11" }));
const modified = event("MODIFIED", object("a", { resourceVersion: "12" }));
const deleted = event("DELETED", object("b", { resourceVersion: "13" }));
const bookmark = event("BOOKMARK", { kind: "Node", metadata: { resourceVersion: "20" } });
const expired = event("ERROR", failure(410, "Expired"));

function watchedFrom({ server }: Watching): readonly (string | null)[] {
  return server.seen.filter(({ query }) => query.has("watch")).map(({ query }) => query.get("resourceVersion"));
}

test("a collection is listed and then followed", async (t) => {
  const scripts = { lists: [list("10", "a", "b")], watches: [hold(added, modified, deleted)] };
  const watching = await startWatch(t, scripts, { fieldSelector: "metadata.name=a", metadataOnly: true });
  await watching.until(4);
  assert.deepEqual(watching.told, ["list a b", "upsert c", "upsert a", "delete b"]);
  assert.equal(watching.contacts.length, 4);
  const [listed, watched] = watching.server.seen;
  assert.equal(listed?.query.get("fieldSelector"), "metadata.name=a");
  assert.deepEqual(Object.fromEntries(watched?.query ?? []), {
    fieldSelector: "metadata.name=a",
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion: "10",
    timeoutSeconds: "3150",
  });
  assert.match(watched?.headers.accept ?? "", /as=PartialObjectMetadata;/);
});

test("a watch that the server ends goes on from the last version, bookmarks included, without a list", async (t) => {
  const scripts = { lists: [list("10", "a")], watches: [close(added, bookmark), close(modified), hold(deleted)] };
  const watching = await startWatch(t, scripts);
  await watching.until(4);
  assert.deepEqual(watching.told, ["list a", "upsert c", "upsert a", "delete b"]);
  assert.deepEqual(watchedFrom(watching), ["10", "20", "12"]);
  assert.ok(watching.slept.every((ms) => ms <= 200));
  assert.deepEqual(watching.logged, []);
});

test("a version that is too old leads to a new list at once, told by an event or by the status", async (t) => {
  const watches = [close(added, expired), refuse(410, "Expired"), hold(modified)];
  const watching = await startWatch(t, { lists: [list("10", "a"), list("30", "a", "c"), list("40")], watches });
  await watching.until(6);
  assert.deepEqual(watching.told, ["list a", "upsert c", "list a c", "lost expired", "list", "upsert a"]);
  assert.deepEqual(watchedFrom(watching), ["10", "30", "40"]);
  assert.ok((watching.slept[0] ?? Infinity) <= 200);
});

test("after an outage that has cost the history, the list comes at once and not after another long pause", async (t) => {
  const away = cut("\n");
  const watches = [away, away, away, away, close(expired), hold(modified)];
  const watching = await startWatch(t, { lists: [list("10", "a"), list("40", "b")], watches });
  await watching.until(7);
  const lost = "lost unreachable";
  assert.deepEqual(watching.told, ["list a", lost, lost, lost, lost, "list b", "upsert a"]);
  assert.ok((watching.slept[3] ?? 0) >= 8_000, watching.slept.join(" "));
  assert.ok((watching.slept[4] ?? Infinity) <= 200, watching.slept.join(" "));
});

test("a server for which every version is too old is not asked in a hot loop", async (t) => {
  const watching = await startWatch(t, { lists: [list("10")], watches: [close(expired)] });
  await watching.until(8);
  assert.ok((watching.slept[0] ?? Infinity) <= 200);
  assert.ok(
    watching.slept.slice(1, 4).every((ms) => ms >= 1_000),
    watching.slept.join(" "),
  );
});

test("a connection that is cut between two events is taken up again where it was", async (t) => {
  const watching = await startWatch(t, { lists: [list("10", "a")], watches: [cut(added), hold(modified)] });
  await watching.until(4);
  assert.deepEqual(watching.told, ["list a", "upsert c", "lost unreachable", "upsert a"]);
  assert.deepEqual(watchedFrom(watching), ["10", "11"]);
});

test("a connection that is cut in the middle of an event loses nothing", async (t) => {
  const watching = await startWatch(t, {
    lists: [list("10", "a")],
    watches: [cut(added + modified.slice(0, 30)), hold(modified)],
  });
  await watching.until(4);
  assert.deepEqual(watching.told, ["list a", "upsert c", "lost unreachable", "upsert a"]);
  assert.deepEqual(watchedFrom(watching), ["10", "11"]);
});

test("an event in many small pieces, cut inside a character, is one event", async (t) => {
  const bytes = Buffer.from(event("ADDED", object("ünïcødé", { resourceVersion: "11" })));
  const dribble = (response: ServerResponse): void => {
    response.socket?.setNoDelay(true);
    let at = 0;
    const timer = setInterval(() => {
      if (at < bytes.length) response.write(bytes.subarray(at, ++at));
      else clearInterval(timer);
    }, 1);
  };
  const watching = await startWatch(t, { lists: [list("10")], watches: [dribble] });
  await watching.until(2);
  assert.deepEqual(watching.told, ["list", "upsert ünïcødé"]);
});

const nonsense: readonly (readonly [string, string])[] = [
  ["a line that is not JSON", "<html>\n"],
  ["a line that is JSON but no event", "[1]\n"],
  ["an event without an object", '{"type":"ADDED"}\n'],
  ["an event of an unknown type", event("RENAMED", object("a"))],
  ["an event about something without a name", event("ADDED", { metadata: { resourceVersion: "1" } })],
  ["an event without a version", event("BOOKMARK", { metadata: {} })],
  ["half an event before a regular end", added.slice(0, 20)],
  ["an error that is not about age", event("ERROR", failure(500, "InternalError"))],
];

for (const [what, line] of nonsense) {
  test(`${what} leads to a new list, as nothing after it can be trusted`, async (t) => {
    const watching = await startWatch(t, { lists: [list("10", "a"), list("30", "b")], watches: [close(line), hold()] });
    await watching.until(3);
    assert.deepEqual(watching.told.slice(2), ["list b"]);
    assert.match(watching.told[1] ?? "", /^lost (malformed|serverError)$/);
  });
}

test("an event longer than allowed is not read into memory, and leads to a new list", async (t) => {
  const long = event("ADDED", object("c", { labels: { x: "y".repeat(5_000) } }));
  const scripts = { lists: [list("10"), list("30", "b")], watches: [close(long), hold()] };
  const watching = await startWatch(t, scripts, { maxLineBytes: 1_000 });
  await watching.until(3);
  assert.deepEqual(watching.told, ["list", "lost malformed", "list b"]);
});

test("a watch that adds objects without end is listed anew before they are more than memory is for, and told", async (t) => {
  // What was listed last counts, also where the watch is cut and goes on in between.
  const watches = [close(added.repeat(6_000)), hold(added.repeat(6_000)), hold(added.repeat(12_000)), hold()];
  const watching = await startWatch(t, { lists: [list("10", "a")], watches });
  const isTold = () => watching.told.filter((what) => what === "list a").length === 3;
  await watching.until(20_000);
  while (!isTold()) await watching.until(watching.told.length + 1);
  const most = 10_000 + 2;
  assert.deepEqual([watching.told[most + 1], watching.told[most + 2]], ["lost malformed", "list a"]);
  assert.deepEqual(watching.told.length, 2 * (most + 2) + 1);
  const warnings = watching.logged.filter((line) => line.startsWith("warning"));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /a watch adds objects without end/);
});

test("a connection that is open but dead is noticed", async (t) => {
  const scripts = { lists: [list("10", "a")], watches: [hold(added), hold(modified)] };
  const watching = await startWatch(t, scripts, { idleMs: 80 });
  await watching.until(4);
  assert.deepEqual(watching.told.slice(0, 4), ["list a", "upsert c", "lost unreachable", "upsert a"]);
  assert.deepEqual(watchedFrom(watching).slice(0, 2), ["10", "11"]);
});

test("a server in trouble is asked ever more seldom, up to half a minute, and a warning is written once", async (t) => {
  const lists = [refuse(503, "ServiceUnavailable")];
  const watching = await startWatch(t, { lists, watches: [hold()] });
  await watching.until(9);
  const expected = [1_250, 2_500, 5_000, 10_000, 20_000, 30_000, 30_000, 30_000];
  assert.deepEqual(watching.slept.slice(0, 8), expected);
  const warnings = watching.logged.filter((line) => line.startsWith("warning"));
  assert.deepEqual(warnings, ["warning Watching nodes failed, trying again in 3 s: it is ServiceUnavailable"]);
});

test("a server that says for how long it wants to be left in peace is, for half a minute at most", async (t) => {
  const asking = (retryAfterSeconds: number) => (response: ServerResponse) =>
    answer(response, 429, failure(429, "TooManyRequests", { details: { retryAfterSeconds } }));
  const lists = [asking(8), asking(86_400), list("10", "a")];
  const watching = await startWatch(t, { lists, watches: [hold(added)] });
  await watching.until(4);
  assert.deepEqual(watching.told, ["lost throttled", "lost throttled", "list a", "upsert c"]);
  assert.deepEqual(watching.slept.slice(0, 2), [10_000, 30_000]);
});

test("a server that closes every watch at once is not asked in a hot loop", async (t) => {
  const watching = await startWatch(t, { lists: [list("10")], watches: [close()] });
  await watching.until(4);
  assert.deepEqual(watching.slept.slice(0, 3), [1_250, 2_500, 5_000]);
  assert.deepEqual(watchedFrom(watching).slice(0, 3), ["10", "10", "10"]);
});

test("when it works again after a warning, that is written too", async (t) => {
  const lists = [refuse(503, "ServiceUnavailable"), refuse(403, "Forbidden"), list("10", "a")];
  const watching = await startWatch(t, { lists, watches: [hold(added)] });
  await watching.until(4);
  assert.deepEqual(watching.told, ["lost serverError", "lost forbidden", "list a", "upsert c"]);
  assert.equal(watching.logged.at(-1), "info Watching nodes works again");
});

test("a refused watch after a good list is tried again from the list", async (t) => {
  const watches = [refuse(403, "Forbidden"), refuse(500, "InternalError"), hold(added)];
  const watching = await startWatch(t, { lists: [list("10", "a")], watches });
  await watching.until(6);
  assert.deepEqual(watching.told, ["list a", "lost forbidden", "list a", "lost serverError", "list a", "upsert c"]);
});

test("the signal ends it at once, with nothing left behind", async (t) => {
  const watching = await startWatch(t, { lists: [list("10", "a")], watches: [hold(added)] });
  await watching.until(2);
  await watching.stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(getEventListeners(watching.signal, "abort").length, 0);
  assert.deepEqual(watching.told, ["list a", "upsert c"]);
});

test("hundreds of reconnects leave no listener behind", async (t) => {
  const scripts = { lists: [list("10", "a")], watches: [close(added)] };
  const watching = await startWatch(t, scripts);
  await watching.until(300);
  assert.ok(getEventListeners(watching.signal, "abort").length < 8);
});

test("what a handler throws ends the watch and closes its connection", async (t) => {
  let closed = false;
  const server = await scriptedServer(t, ({ query }, response) => {
    if (!query.has("watch")) return list("10", "a")(response);
    response.on("close", () => (closed = true));
    return hold(added)(response);
  });
  const broken = watchCollection("nodes", {
    client: server.client,
    clock: machineClock(),
    random: { next: () => 0, hex: () => "" },
    log: { write: () => undefined },
    decode: decodeObject,
    handlers: {
      replaced: () => undefined,
      deleted: () => undefined,
      upserted: () => {
        throw new Error("a defect");
      },
    },
    signal: new AbortController().signal,
  });
  await assert.rejects(broken, /a defect/);
  for (let waitedMs = 0; !closed && waitedMs < 5_000; waitedMs += 10)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(closed);
});

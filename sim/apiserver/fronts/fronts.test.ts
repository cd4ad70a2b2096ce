import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { machineClock } from "../../../src/host/clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { bearerToken } from "../../../src/kube/connection/bearer-token.ts";
import { httpsTransport } from "../../../src/kube/https.ts";
import { TransportError } from "../../../src/ports/transport.ts";
import type { HttpRequest, Transport } from "../../../src/ports/transport.ts";
import { at, listAt } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";
import { ApiServer } from "../server.ts";
import type { LoggedRequest } from "../server.ts";
import { callerOf } from "./caller.ts";
import type { Caller } from "./caller.ts";
import { selfSigned } from "./certificate.ts";
import type { Fault } from "./fault.ts";
import { httpsFront } from "./https.ts";
import { countedRandom, rigStartMs } from "./rig.ts";
import { transportFront } from "./transport.ts";

const clock = machineClock();
/** Watches last a tenth of their time. */
const hurried: Clock = { ...clock, sleep: (durationMs, options) => clock.sleep(durationMs / 10, options) };
const nodes = "/api/v1/nodes";

interface Scene {
  readonly server: ApiServer;
  readonly log: readonly LoggedRequest[];
  readonly transport: Transport;
  readonly call: Caller;
  /** The next request meets this. */
  trouble(fault: Fault): void;
}

/** Both fronts keep the promises of the Transport port, over the same server and with the same faults. */
const fronts: Readonly<Record<string, (t: TestContext) => Promise<Scene>>> = {
  "Transport front": async (t) => {
    const { server, log, faults, trouble } = troubled();
    const transport = transportFront(server, { user: { name: "kured" }, clock: hurried, faults, userAgent: "kured/2" });
    return { server, log, trouble, transport, call: callerOf(transport, { signal: t.signal }) };
  },
  "HTTPS front": async (t) => {
    const { server, log, faults, trouble } = troubled();
    const tls = selfSigned({ nowMs: Date.now() });
    const front = await httpsFront(server, { tls, clock: hurried, faults, authenticate });
    t.after(() => front.close());
    const connection = { server: front.url, certificateAuthority: tls.cert, credentials: bearerToken("secret") };
    const transport = httpsTransport({ connection, clock, userAgent: "kured/2" });
    return { server, log, trouble, transport, call: callerOf(transport, { signal: t.signal }) };
  },
};

function authenticate(token: string | undefined): { readonly name: string } | undefined {
  return token === "secret" ? { name: "kured" } : undefined;
}

function troubled(): Pick<Scene, "server" | "log" | "trouble"> & {
  readonly faults: (request: HttpRequest) => Fault | undefined;
} {
  const log: LoggedRequest[] = [];
  const server = new ApiServer({
    clock: () => rigStartMs,
    random: countedRandom(),
    onRequest: (entry) => log.push(entry),
  });
  const coming: Fault[] = [];
  return { server, log, faults: () => coming.shift(), trouble: (fault) => coming.push(fault) };
}

/** What came of a watch before it ended, and how it ended. */
async function follow(
  events: AsyncGenerator<Json, void>,
): Promise<{ readonly seen: readonly unknown[]; readonly error: unknown }> {
  const seen: unknown[] = [];
  try {
    for await (const event of events)
      seen.push(typeof event === "string" ? event : at(event, "object", "metadata", "name"));
    return { seen, error: undefined };
  } catch (error) {
    return { seen, error };
  }
}

/** Waits for something that the other side of a socket does in its own time. */
async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !what(); tries += 1)
    await clock.sleep(10, { signal: new AbortController().signal });
  assert.ok(what(), "it happened within two seconds");
}

for (const [front, start] of Object.entries(fronts)) {
  test(`${front}: objects are written and read by a known user with a user agent`, async (t) => {
    const { call, log } = await start(t);
    const made = await call.post(nodes, { metadata: { name: "n1", annotations: { text: "ä€😀" } } });
    assert.deepEqual([made.status, made.headers["content-type"]], [201, "application/json"]);
    assert.equal(at((await call.get(`${nodes}/n1`)).body, "metadata", "annotations", "text"), "ä€😀");
    assert.deepEqual(log[0], {
      user: "kured",
      method: "POST",
      path: nodes,
      userAgent: "kured/2",
      status: 201,
      watch: false,
    });
  });

  test(`${front}: events arrive while the watch is open, and a reader who aborts gets their own reason`, async (t) => {
    const { server, call, transport } = await start(t);
    const leaving = new AbortController();
    const { status, body } = await transport(
      { method: "GET", path: `${nodes}?watch=1`, headers: {} },
      { signal: leaving.signal },
    );
    assert.equal(status, 200);
    const chunks = body[Symbol.asyncIterator]();
    const first = chunks.next();
    await call.post(nodes, { metadata: { name: "n1" } });
    assert.match(Buffer.from((await first).value ?? []).toString(), /"type":"ADDED".*"n1"/);
    const next = chunks.next();
    const reason = new Error("enough");
    leaving.abort(reason);
    await assert.rejects(next, (error) => error === reason);
    await until(() => server.watchCount === 0);
  });

  test(`${front}: nothing is asked with a signal that is already aborted`, async (t) => {
    const { transport, log } = await start(t);
    const signal = AbortSignal.abort(new Error("too late"));
    await assert.rejects(transport({ method: "GET", path: nodes, headers: {} }, { signal }), /too late/);
    assert.deepEqual(log, []);
  });

  test(`${front}: a watch ends properly after its time, with a bookmark two seconds before`, async (t) => {
    const { call, server } = await start(t);
    const startedMs = clock.now().monotonicMs;
    const events: Json[] = [];
    for await (const event of call.watch(`${nodes}?watch=1&timeoutSeconds=5&allowWatchBookmarks=true`, {
      signal: t.signal,
    }))
      events.push(event);
    assert.ok(clock.now().monotonicMs - startedMs >= 450);
    assert.deepEqual(
      events.map((event) => at(event, "type")),
      ["BOOKMARK"],
    );
    assert.equal(server.watchCount, 0);
    const short = call.watch(`${nodes}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true`, { signal: t.signal });
    assert.deepEqual(await Array.fromAsync(short), []);
  });

  test(`${front}: watches that the server cuts break off, and those that it closes just end`, async (t) => {
    const { call, server } = await start(t);
    await call.post(nodes, { metadata: { name: "n1" } });
    const cut = follow(call.watch(`${nodes}?watch=1`, { signal: t.signal }));
    await until(() => server.watchCount === 1);
    server.cutWatches();
    const { seen, error } = await cut;
    assert.deepEqual(seen, ["n1"]);
    assert.ok(error instanceof TransportError);
    const closed = follow(call.watch(`${nodes}?watch=1`, { signal: t.signal }));
    await until(() => server.watchCount === 1);
    server.cutWatches("closed");
    assert.deepEqual(await closed, { seen: ["n1"], error: undefined });
  });

  test(`${front}: a refused connection leaves the server untouched, a lost answer does not`, async (t) => {
    const { call, server, trouble } = await start(t);
    const before = server.resourceVersion;
    trouble({ kind: "unreachable" });
    await assert.rejects(call.post(nodes, { metadata: { name: "n1" } }), TransportError);
    assert.equal(server.resourceVersion, before);
    trouble({ kind: "answerLost" });
    await assert.rejects(call.post(nodes, { metadata: { name: "n1" } }), TransportError);
    assert.equal((await call.get(`${nodes}/n1`)).status, 200);
  });

  test(`${front}: an answer whose body is cut is an error, of a watch after its whole events`, async (t) => {
    const { call, trouble } = await start(t);
    await call.post(nodes, { metadata: { name: "n1" } });
    trouble({ kind: "bodyCut", afterBytes: 10 });
    await assert.rejects(call.get(nodes), TransportError);
    trouble({ kind: "bodyCut", afterBytes: 900 });
    const watching = follow(call.watch(`${nodes}?watch=1`, { signal: t.signal }));
    for (const name of ["n2", "n3"]) await call.post(nodes, { metadata: { name } });
    const { seen, error } = await watching;
    assert.equal(seen[0], "n1");
    assert.ok(seen.length < 3);
    assert.ok(error instanceof TransportError);
  });

  test(`${front}: a server that is silent keeps a request until its sender gives up`, async (t) => {
    const { transport, trouble, log } = await start(t);
    trouble({ kind: "silent" });
    const giving = new AbortController();
    const asked = transport({ method: "GET", path: nodes, headers: {} }, { signal: giving.signal });
    setTimeout(() => giving.abort(new Error("gave up")), 50);
    await assert.rejects(asked, /gave up/);
    assert.deepEqual(log, []);
  });

  test(`${front}: something in between can answer in the server's place`, async (t) => {
    const { call, trouble, log } = await start(t);
    trouble({ kind: "answered", status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad gateway</h1>" });
    const { status, body, headers } = await call.get(nodes);
    assert.deepEqual(
      [status, body, headers["content-type"], log.length],
      [502, "<h1>Bad gateway</h1>", "text/html", 0],
    );
  });

  test(`${front}: long lists arrive whole`, async (t) => {
    const { call } = await start(t);
    const annotations = { long: "x".repeat(50_000) };
    for (const name of ["n1", "n2", "n3", "n4"]) await call.post(nodes, { metadata: { name, annotations } });
    assert.equal(listAt((await call.get(nodes)).body, "items").length, 4);
  });
}

test("HTTPS front: a wrong token and a missing one answer 401, and the same port can be had again", async (t) => {
  const { server } = troubled();
  const tls = selfSigned({ nowMs: Date.now() });
  const front = await httpsFront(server, { tls, clock, authenticate });
  const ask = (url: string): Promise<number> => {
    const connection = { server: url, certificateAuthority: tls.cert, credentials: bearerToken("stolen") };
    const transport = httpsTransport({ connection, clock, userAgent: "kured/2" });
    return callerOf(transport, { signal: t.signal })
      .get(nodes)
      .then(({ status }) => status);
  };
  assert.equal(await ask(front.url), 401);
  await front.close();
  await assert.rejects(ask(front.url), TransportError);
  const again = await httpsFront(server, { tls, clock, authenticate, port: front.port });
  t.after(() => again.close());
  assert.equal(again.port, front.port);
  assert.equal(await ask(again.url), 401);
});

import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import type { InboundHandler, InboundRequest } from "../ports/inbound.ts";
import { httpInbound } from "./inbound.ts";

const hello: InboundHandler = async () => ({ status: 200, headers: { "content-type": "text/plain" }, body: "grüß\n" });

test("a request reaches the handler with its method, its path without query and its headers", async () => {
  const seen: InboundRequest[] = [];
  const handler: InboundHandler = async (request) => {
    seen.push(request);
    return { status: 404, headers: { "x-kured": "yes" }, body: "404 page not found\n" };
  };
  await serving(handler, async ({ port }) => {
    const response = await get(port, { path: "/a%20b/c?x=/y#z", method: "PUT" });
    assert.equal(response.status, 404);
    assert.equal(response.headers["x-kured"], "yes");
    assert.equal(response.body, "404 page not found\n");
  });
  assert.equal(seen.length, 1);
  assert.equal(seen[0]?.method, "PUT");
  assert.equal(seen[0]?.path, "/a%20b/c");
  assert.match(seen[0]?.headers["host"] ?? "", /^127\.0\.0\.1:\d+$/);
});

test("a body is sent whole, with its length in bytes, and not at all to HEAD", async () => {
  await serving(hello, async ({ port }) => {
    const response = await get(port);
    assert.equal(response.body, "grüß\n");
    assert.equal(response.headers["content-length"], "7");
    assert.equal((await get(port, { method: "HEAD" })).body, "");
  });
});

test("a handler that fails is answered with 500 and the next request is served", async () => {
  let calls = 0;
  const handler: InboundHandler = async (request) => {
    calls++;
    if (calls === 1) throw new Error("secret");
    return hello(request);
  };
  await serving(handler, async ({ port }) => {
    const failed = await get(port);
    assert.equal(failed.status, 500);
    assert.doesNotMatch(failed.body, /secret/);
    assert.equal((await get(port)).status, 200);
  });
});

test("a body that nobody asked for is not waited for", async () => {
  await serving(hello, async ({ port }) => {
    const answer = await raw(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    assert.match(answer, /^HTTP\/1.1 200 /);
    const chunked = await raw(port, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert.match(chunked, /^HTTP\/1.1 200 /);
  });
});

test("headers that are too long, and what is no HTTP, are refused before the handler", async () => {
  let calls = 0;
  const handler: InboundHandler = (request) => {
    calls++;
    return hello(request);
  };
  await serving(handler, async ({ port }) => {
    await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nA: ${"b".repeat(20_000)}\r\n\r\n`);
    await raw(port, "rubbish\r\n\r\n");
    assert.equal(calls, 0);
    assert.equal((await get(port)).status, 200);
  });
});

test("a caller who never finishes its headers is hung up on", async () => {
  await serving(hello, async ({ port }) => {
    assert.doesNotMatch(await raw(port, "GET / HTTP/1.1\r\nHos"), /200/);
  });
});

test("the hundred-and-first connection takes the place of the oldest, so that nobody can keep the others out", async () => {
  await serving(hello, async ({ port }) => {
    const sockets = Array.from({ length: 100 }, () => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const [oldest] = sockets;
    assert.ok(oldest);
    const hungUp = once(oldest, "close");
    assert.equal((await get(port)).status, 200);
    await hungUp;
    assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 1);
    for (const socket of sockets) socket.destroy();
  });
});

test("an address that is taken is an error, and an abort closes everything", async () => {
  const controller = new AbortController();
  await serving(hello, async ({ port }) => {
    const again = httpInbound().serve(hello, { host: "127.0.0.1", port, signal: controller.signal });
    await assert.rejects(again, /^Error: cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE$/);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
  });
  controller.abort();
  await httpInbound().serve(hello, { host: "", port: 0, signal: controller.signal });
});

test("an abort ends connections that are open, and the port is free again", async () => {
  let freed = 0;
  await serving(hello, async ({ port, stop }) => {
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    const closed = once(socket, "close");
    await stop();
    await closed;
    freed = port;
  });
  await serving(hello, async ({ port }) => assert.equal(port, freed), freed);
});

interface Serving {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

async function serving(handler: InboundHandler, use: (serving: Serving) => Promise<void>, port = 0): Promise<void> {
  const controller = new AbortController();
  let served = Promise.resolve();
  const had = await new Promise<number>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, signal: controller.signal, listening: resolve };
    served = httpInbound({ patienceMs: 300 }).serve(handler, options);
    served.catch(reject);
  });
  const stop = async (): Promise<void> => {
    controller.abort();
    await served;
  };
  try {
    await use({ port: had, stop });
  } finally {
    await stop();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

async function get(port: number, options: { readonly path?: string; readonly method?: string } = {}): Promise<Answer> {
  const outgoing = request({ host: "127.0.0.1", port, agent: false, ...options });
  outgoing.end();
  const [response] = await once(outgoing, "response");
  let body = "";
  for await (const chunk of response) body += Buffer.from(chunk).toString();
  return { status: response.statusCode, headers: response.headers, body };
}

/** What comes back on a bare connection until the other side closes it. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString()));
  socket.on("error", () => undefined);
  socket.write(text);
  await new Promise((resolve) => {
    socket.once("close", resolve);
  });
  return answer;
}

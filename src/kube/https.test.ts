import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { ServerOptions } from "node:https";
import { createServer as createRawServer } from "node:net";
import type { Socket } from "node:net";
import test from "node:test";
import type { TestContext } from "node:test";
import { createDeflate, createGzip, gzipSync } from "node:zlib";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { testFolder } from "../../test/kube/folder.ts";
import { portOf, scriptedServer } from "../../test/kube/server.ts";
import { machineClock } from "../host/clock.ts";
import { TransportError } from "../ports/transport.ts";
import type { HttpRequest, HttpResponse, Transport } from "../ports/transport.ts";
import { bearerToken, bearerTokenFile } from "./connection/bearer-token.ts";
import type { Connection } from "./connection/connection.ts";
import { httpsTransport } from "./https.ts";

const clock = machineClock();
const signal = new AbortController().signal;
const get: HttpRequest = { method: "GET", path: "/api/v1/nodes?limit=5", headers: { accept: "application/json" } };
const self = selfSigned({ nowMs: Date.now() });
const other = selfSigned({ nowMs: Date.now() });

function transportTo(server: string, connection: Partial<Connection> = {}, limits: object = {}): Transport {
  return httpsTransport({ connection: { server, ...connection }, clock, userAgent: "kured/test", ...limits });
}

/** A server that speaks HTTPS on loopback. */
async function secureServer(
  t: TestContext,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  options: ServerOptions = {},
): Promise<string> {
  const server = createSecureServer({ key: self.key, cert: self.cert, ...options }, handle);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${portOf(server.address())}`;
}

/** A server that speaks whatever a test makes it say. */
async function rawServer(t: TestContext, handle: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    handle(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${portOf(server.address())}`;
}

async function textOf({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("a request goes over TLS with what the connection adds", async (t) => {
  let seen: IncomingMessage | undefined;
  const server = await secureServer(t, (request, response) => {
    seen = request;
    response.writeHead(201, { "X-Odd": "yes" }).end("fine");
  });
  const transport = transportTo(`${server}/prefix/`, {
    certificateAuthority: self.cert,
    credentials: bearerToken("abc"),
  });
  const response = await transport({ ...get, method: "POST", body: "ünï" }, { signal });
  assert.deepEqual([response.status, response.headers["x-odd"], await textOf(response)], [201, "yes", "fine"]);
  assert.equal(seen?.url, "/prefix/api/v1/nodes?limit=5");
  const { authorization, accept, ...headers } = seen?.headers ?? {};
  assert.deepEqual([authorization, accept], ["Bearer abc", "application/json"]);
  assert.deepEqual(
    [headers["user-agent"], headers["accept-encoding"], headers["content-length"]],
    ["kured/test", "gzip, deflate", "5"],
  );
});

test("a server with a certificate of another authority is not spoken to, unless that is asked for", async (t) => {
  let requests = 0;
  const server = await secureServer(t, (_request, response) => {
    requests++;
    response.end("fine");
  });
  for (const connection of [{ certificateAuthority: other.cert }, {}]) {
    await assert.rejects(transportTo(server, connection)(get, { signal }), TransportError);
  }
  assert.equal(requests, 0);
  assert.equal(await textOf(await transportTo(server, { skipVerification: true })(get, { signal })), "fine");
});

test("a certificate for another name is refused, and one for the name that is asked for accepted", async (t) => {
  const server = await secureServer(t, (_request, response) => response.end("fine"));
  const named = (tlsServerName: string): Transport =>
    transportTo(server, { certificateAuthority: self.cert, tlsServerName });
  await assert.rejects(named("other.example")(get, { signal }), /altnames/);
  assert.equal(await textOf(await named("localhost")(get, { signal })), "fine");
});

test("a client certificate is shown to a server that asks for it", async (t) => {
  const options = { requestCert: true, rejectUnauthorized: true, ca: other.cert };
  const server = await secureServer(t, (_request, response) => response.end("known"), options);
  const clientCertificate = { certificate: other.cert, key: other.key };
  const transport = transportTo(server, { certificateAuthority: self.cert, clientCertificate });
  assert.equal(await textOf(await transport(get, { signal })), "known");
  await assert.rejects(transportTo(server, { certificateAuthority: self.cert })(get, { signal }), TransportError);
});

test("connections are kept and used again", async (t) => {
  const ports = new Set<number | undefined>();
  const server = await secureServer(t, (request, response) => {
    ports.add(request.socket.remotePort);
    response.end("fine");
  });
  const transport = transportTo(server, { certificateAuthority: self.cert });
  for (let request = 0; request < 5; request++) await textOf(await transport(get, { signal }));
  assert.equal(ports.size, 1);
});

test("a DELETE with a body does not spill it into the next request on the same connection", async (t) => {
  const server = await scriptedServer(t, (_request, response) => response.end("fine"));
  const transport = transportTo(server.url);
  for (let request = 0; request < 3; request++) {
    const response = await transport({ ...get, method: "DELETE", body: '{"a":1}' }, { signal });
    assert.deepEqual([response.status, await textOf(response)], [200, "fine"]);
  }
  assert.deepEqual(
    server.seen.map(({ method, body }) => [method, body]),
    Array(3).fill(["DELETE", '{"a":1}']),
  );
});

test("an unused connection is closed after a while; one that waits for an answer is not", async (t) => {
  const ports = new Set<number | undefined>();
  const server = await secureServer(t, (request, response) => {
    ports.add(request.socket.remotePort);
    setTimeout(() => response.end("fine"), request.url === "/slow" ? 150 : 0);
  });
  const transport = transportTo(server, { certificateAuthority: self.cert }, { keptForMs: 40 });
  assert.equal(await textOf(await transport({ ...get, path: "/slow" }, { signal })), "fine");
  assert.equal(await textOf(await transport({ ...get, path: "/slow" }, { signal })), "fine");
  assert.equal(ports.size, 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await textOf(await transport(get, { signal }));
  assert.equal(ports.size, 2);
});

test("a token that was refused is looked for anew and the request sent once more", async (t) => {
  const { files, write } = await testFolder(t);
  let valid = "Bearer one";
  const server = await scriptedServer(t, ({ headers }, response) => {
    response.writeHead(headers.authorization === valid ? 200 : 401).end(headers.authorization);
  });
  await write("/token", "one");
  const transport = transportTo(server.url, { credentials: bearerTokenFile("/token", { files, clock }) });
  const send = async (): Promise<number> => {
    const response = await transport({ ...get, method: "POST", body: "{}" }, { signal });
    await textOf(response);
    return response.status;
  };
  assert.equal(await send(), 200);
  valid = "Bearer two";
  await write("/token", "two");
  assert.equal(await send(), 200);
  assert.deepEqual(
    server.seen.map(({ headers, body }) => [headers.authorization, body]),
    [
      ["Bearer one", "{}"],
      ["Bearer one", "{}"],
      ["Bearer two", "{}"],
    ],
  );
  valid = "Bearer three";
  assert.equal(await send(), 401);
  assert.equal(server.seen.length, 4, "a 401 with the same token as before is an answer");
});

test("a token file that cannot be read is no answer", async (t) => {
  const { files } = await testFolder(t);
  const transport = transportTo("http://127.0.0.1:9", { credentials: bearerTokenFile("/none", { files, clock }) });
  await assert.rejects(transport(get, { signal }), /^TransportError: no credentials for the API server: ENOENT/);
});

test("compressed answers are decompressed, whole and as they arrive", async (t) => {
  const server = await scriptedServer(t, ({ query }, response) => {
    const encoding = query.get("with") ?? "";
    response.writeHead(200, { "content-encoding": encoding });
    const stream = encoding === "gzip" ? createGzip() : createDeflate();
    stream.pipe(response);
    stream.write("first ");
    stream.flush(() => setTimeout(() => stream.end("second"), 30));
  });
  for (const encoding of ["gzip", "deflate"]) {
    const response = await transportTo(server.url)({ ...get, path: `/?with=${encoding}` }, { signal });
    const chunks: string[] = [];
    for await (const chunk of response.body) chunks.push(Buffer.from(chunk).toString());
    assert.deepEqual(chunks, ["first ", "second"], encoding);
  }
});

test("an encoding that nobody asked for, and one that is broken, are no answer", async (t) => {
  const odd = await scriptedServer(t, (_request, response) => {
    response.writeHead(200, { "content-encoding": "br" }).end("?");
  });
  await assert.rejects(transportTo(odd.url)(get, { signal }).then(textOf), /encoded as br/);
  const broken = await scriptedServer(t, (_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end("not gzip");
  });
  await assert.rejects(transportTo(broken.url)(get, { signal }).then(textOf), TransportError);
  const cut = await scriptedServer(t, (_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello hello hello").subarray(0, 20));
  });
  await assert.rejects(transportTo(cut.url)(get, { signal }).then(textOf), TransportError);
});

const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
const broken: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["a connection that is closed without a word", (socket) => socket.end()],
  ["a connection that is reset", (socket) => socket.resetAndDestroy()],
  ["something that is not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH\r\n")],
  ["half a header", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-")],
  ["a body shorter than announced", (socket) => socket.end(`${head}content-length: 100\r\n\r\n{"items":[]`)],
  ["a chunked body without its end", (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`)],
  [
    "a body that is reset in its middle",
    (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`, () => socket.resetAndDestroy());
    },
  ],
];

for (const [what, handle] of broken) {
  test(`${what} is a transport error, never half an answer`, async (t) => {
    const server = await rawServer(t, (socket) => socket.once("data", () => handle(socket)));
    await assert.rejects(transportTo(server)(get, { signal }).then(textOf), TransportError);
  });
}

test("a port where nobody listens and a name that nobody knows are transport errors", async () => {
  await assert.rejects(transportTo("http://127.0.0.1:1")(get, { signal }), /^TransportError: .*ECONNREFUSED/);
  await assert.rejects(transportTo("http://kured.invalid")(get, { signal }), TransportError);
});

test("a server that is silent in the middle of an answer is given up after the idle time", async (t) => {
  const server = await scriptedServer(t, (_request, response) => response.write("so far"));
  const transport = transportTo(server.url, {}, { idleTimeoutMs: 60 });
  const response = await transport(get, { signal });
  await assert.rejects(textOf(response), /silent for too long/);
});

test("a server that never answers is given up after the idle time", async (t) => {
  const server = await rawServer(t, () => undefined);
  await assert.rejects(transportTo(server, {}, { idleTimeoutMs: 60 })(get, { signal }), /silent for too long/);
});

test("the idle time begins anew with each byte", async (t) => {
  const server = await scriptedServer(t, (_request, response) => {
    let left = 6;
    const timer = setInterval(() => {
      if (left-- > 0) response.write(".");
      else {
        clearInterval(timer);
        response.end();
      }
    }, 30);
  });
  const transport = transportTo(server.url, {}, { idleTimeoutMs: 120 });
  assert.equal(await textOf(await transport(get, { signal })), "......");
});

test("a connection that is not made in time is given up: TLS that never begins", async (t) => {
  const server = await rawServer(t, () => undefined);
  const transport = transportTo(server.replace("http:", "https:"), {}, { connectTimeoutMs: 50 });
  await assert.rejects(transport(get, { signal }), /no connection to the API server within 0.05 s/);
});

test("a GET on a kept connection that the server has closed meanwhile is sent again; a write is not", async (t) => {
  let requests = 0;
  const server = await rawServer(t, (socket) => {
    let first = true;
    socket.on("data", () => {
      requests++;
      if (first) socket.write(`${head}content-length: 2\r\n\r\n{}`);
      else socket.resetAndDestroy();
      first = false;
    });
  });
  const transport = transportTo(server);
  await textOf(await transport(get, { signal }));
  assert.equal(await textOf(await transport(get, { signal })), "{}");
  assert.equal(requests, 3);
  await assert.rejects(transport({ ...get, method: "POST", body: "{}" }, { signal }), TransportError);
  assert.equal(requests, 4);
});

test("whoever aborts gets the own reason back: before, while waiting, and in the middle of the body", async (t) => {
  const server = await scriptedServer(t, ({ path }, response) => {
    if (path === "/body") response.write("so far");
  });
  const transport = transportTo(server.url);
  const reason = new Error("SIGTERM");
  await assert.rejects(transport(get, { signal: AbortSignal.abort(reason) }), reason);

  const waiting = new AbortController();
  const answer = transport(get, { signal: waiting.signal });
  setTimeout(() => waiting.abort(reason), 20);
  await assert.rejects(answer, reason);

  const reading = new AbortController();
  const response = await transport({ ...get, path: "/body" }, { signal: reading.signal });
  setTimeout(() => reading.abort(reason), 20);
  await assert.rejects(textOf(response), reason);

  const unread = new AbortController();
  const ignored = await transport({ ...get, path: "/body" }, { signal: unread.signal });
  unread.abort(reason);
  await assert.rejects(textOf(ignored), reason);
});

test("a body that nobody reads to its end closes its connection, and leaves no listener", async (t) => {
  let closed = 0;
  const server = await scriptedServer(t, (_request, response) => {
    response.on("close", () => closed++);
    response.write("so far");
  });
  const { signal } = new AbortController();
  const response = await transportTo(server.url)(get, { signal });
  for await (const chunk of response.body) {
    assert.equal(Buffer.from(chunk).toString(), "so far");
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(closed, 1);
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("an answer that was read to its end leaves no listener", async (t) => {
  const server = await scriptedServer(t, (_request, response) => response.end("fine"));
  const { signal } = new AbortController();
  await textOf(await transportTo(server.url)(get, { signal }));
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("an address that is none is refused at once, with the value", () => {
  for (const server of ["", "localhost:6443", "ftp://x", "https://"]) {
    assert.throws(
      () => transportTo(server),
      (error) => error instanceof Error && error.message.includes(`"${server}"`),
    );
  }
});

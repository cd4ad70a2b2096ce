import assert from "node:assert/strict";
import { createServer as createTlsServer } from "node:https";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { test, type TestContext } from "node:test";
import { selfSigned } from "../../../sim/apiserver/fronts/certificate.ts";
import { machineClock } from "../clock.ts";
import { WebError, type WebAnswer, type WebRequest } from "../../ports/web.ts";
import { machineWeb } from "./web.ts";

const unending = { signal: new AbortController().signal };
const certificate = selfSigned({ nowMs: Date.now() });

for (const status of [301, 302, 303])
  test(`${status} makes a GET of a POST, without its body, as Go does`, async (t) => {
    const { port, asked } = await pages(t, { "/a": { status, location: "b?c=1" } });
    await get({
      url: `http://127.0.0.1:${port}/a`,
      method: "POST",
      headers: { "content-type": "x/y", "x-key": "k" },
      body: "text",
    });
    assert.deepEqual(
      asked.map(({ line, headers, body }) => [line, headers["content-type"], headers["x-key"], body]),
      [
        ["POST /a", "x/y", "k", "text"],
        ["GET /b?c=1", undefined, "k", ""],
      ],
    );
  });

for (const status of [307, 308])
  test(`${status} repeats a POST with its body`, async (t) => {
    const { port, asked } = await pages(t, { "/a": { status, location: "/b" } });
    await get({ url: `http://127.0.0.1:${port}/a`, method: "POST", headers: { "content-type": "x/y" }, body: "text" });
    assert.deepEqual(
      asked.map(({ line, headers, body }) => [line, headers["content-type"], body]),
      [
        ["POST /a", "x/y", "text"],
        ["POST /b", "x/y", "text"],
      ],
    );
  });

test("credentials go along to the same host and never to another one", async (t) => {
  const other = await pages(t, {});
  const location = `http://localhost:${other.port}/there`;
  const { port, asked } = await pages(t, { "/a": { status: 307, location: "/b" }, "/b": { status: 307, location } });
  const headers = { authorization: "Bearer s3cret", "access-token": "s3cret", accept: "a/b" };
  await get({ url: `http://127.0.0.1:${port}/a`, headers });
  assert.deepEqual(
    asked.map((request) => request.headers["access-token"]),
    ["s3cret", "s3cret"],
  );
  const there = other.asked[0]?.headers ?? {};
  assert.deepEqual([there["accept"], there["user-agent"]], ["a/b", "kured/test"]);
  assert.doesNotMatch(JSON.stringify(there), /s3cret/);
});

test("a user and a password of the URL are Basic authentication, on this host only", async (t) => {
  const other = await pages(t, {});
  const location = `http://localhost:${other.port}/there`;
  const { port, asked } = await pages(t, { "/a": { status: 302, location: "/b" }, "/b": { status: 302, location } });
  await get({ url: `http://me:p%40ss@127.0.0.1:${port}/a` });
  const basic = `Basic ${btoa("me:p@ss")}`;
  assert.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    [basic, basic],
  );
  assert.equal(other.asked[0]?.headers.authorization, undefined);
});

test("a ring of redirects has an end, and what leads to no web is not followed", async (t) => {
  const ring = await pages(t, { "/s3cret": { status: 302, location: "/s3cret" } });
  const error = await failure({ url: `http://127.0.0.1:${ring.port}/s3cret` });
  assert.equal(error.message, `127.0.0.1:${ring.port} redirects more than 10 times`);
  assert.equal(ring.asked.length, 11);
  const { port } = await pages(t, { "/a": { status: 302, location: "file:///etc/s3cret" } });
  assert.equal((await failure({ url: `http://127.0.0.1:${port}/a` })).message, "not an http or https URL");
});

test("a redirect without an address, and a status that is none, are the answer", async (t) => {
  const { port } = await pages(t, { "/a": { status: 302 }, "/b": { status: 304, location: "/c" } });
  assert.equal((await get({ url: `http://127.0.0.1:${port}/a` })).status, 302);
  assert.equal((await get({ url: `http://127.0.0.1:${port}/b` })).status, 304);
});

test("a request says who asks, unless it says so itself", async (t) => {
  const { port, asked } = await pages(t, { "/a": { status: 302, location: "/b" } });
  await get({ url: `http://127.0.0.1:${port}/a` });
  await get({ url: `http://127.0.0.1:${port}/a`, headers: { "User-Agent": "mine" } });
  assert.deepEqual(
    asked.map(({ headers }) => headers["user-agent"]),
    ["kured/test", "kured/test", "mine", "mine"],
  );
});

test("an answer is cut where it is too long, even where it never ends", async (t) => {
  const port = await listening(
    t,
    createServer((_request, response) => void response.write("0123456789abcdef")),
  );
  const { body } = await get({ url: `http://127.0.0.1:${port}/` }, { bodyMaxBytes: 10 });
  assert.equal(body, "0123456789");
});

test("an https server is believed with a good certificate only, unless the request says otherwise", async (t) => {
  const port = await listening(
    t,
    createTlsServer(certificate, (_request, response) => void response.end("in")),
  );
  const url = `https://localhost:${port}/s3cret?key=s3cret`;
  assert.match((await failure({ url })).message, /^localhost:\d+: self.signed certificate$/);
  assert.equal((await get({ url, skipTlsVerify: true })).body, "in");
  trust(t, certificate.cert);
  assert.equal((await get({ url })).body, "in");
  const elsewhere = await failure({ url: url.replace("localhost", "127.0.0.2") });
  assert.match(elsewhere.message, /^127\.0\.0\.2:\d+: .*(altnames|ECONNREFUSED)/);
});

test("through a proxy http is asked for by its whole address, with the proxy's own password", async (t) => {
  const proxy = await pages(t, {});
  const env = { HTTP_PROXY: `http://me:pass@127.0.0.1:${proxy.port}` };
  await get({ url: "http://receiver.test/a?b=1", method: "POST", body: "text" }, { env });
  const [request] = proxy.asked;
  assert.equal(request?.line, "POST http://receiver.test/a?b=1");
  assert.deepEqual([request.headers.host, request.body], ["receiver.test", "text"]);
  assert.equal(request.headers["proxy-authorization"], `Basic ${btoa("me:pass")}`);
});

test("through a proxy https is a tunnel, in which the certificate is looked at", async (t) => {
  const port = await listening(
    t,
    createTlsServer(certificate, (request, response) => void response.end(request.url)),
  );
  const tunnels: IncomingMessage[] = [];
  const env = { HTTPS_PROXY: `me:pass@127.0.0.1:${await tunnelTo(t, port, tunnels)}` };
  const url = "https://receiver.test/a?b=1";
  assert.equal((await get({ url, skipTlsVerify: true }, { env })).body, "/a?b=1");
  const [tunnel] = tunnels;
  assert.deepEqual(
    [tunnel?.url, tunnel?.headers["proxy-authorization"]],
    ["receiver.test:443", `Basic ${btoa("me:pass")}`],
  );
  assert.match((await failure({ url }, { env })).message, /^receiver\.test: self.signed certificate$/);
  trust(t, certificate.cert);
  assert.match((await failure({ url }, { env })).message, /^receiver\.test: .*altnames/);
  assert.equal((await get({ url: `https://localhost:${port}/direct` }, { env })).body, "/direct");
});

test("whoever waits in vain is hung up on: at the connection, for the proxy, for an answer, in its middle", async (t) => {
  const silent = await listening(
    t,
    createTcpServer(() => {}),
  );
  const slow = await listening(
    t,
    createServer((_request, response) => void response.write("0")),
  );
  const waits: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [`http://127.0.0.1:${silent}/`, {}],
    [`https://127.0.0.1:${silent}/`, {}],
    ["https://receiver.test/", { HTTPS_PROXY: `127.0.0.1:${silent}` }],
    [`http://127.0.0.1:${slow}/`, {}],
  ];
  for (const [url, env] of waits) {
    const stop = new AbortController();
    const waiting = get({ url }, { env, signal: stop.signal });
    await machineClock().sleep(50, unending);
    stop.abort(new Error("deadline"));
    await assert.rejects(waiting, /^Error: deadline$/, url);
  }
});

test("no failure tells a path, a password or a query", async (t) => {
  const babble = await listening(
    t,
    createTcpServer((socket) => void socket.end("s3cret s3cret\r\n\r\n")),
  );
  const refusing = await pages(t, {});
  const deaf = { HTTPS_PROXY: `http://me:s3cret@127.0.0.1:${babble}` };
  const words = "/s3cret?key=s3cret#s3cret";
  const failures: readonly (readonly [Partial<WebRequest> & { url: string }, Readonly<Record<string, string>>])[] = [
    [{ url: `http://me:s3cret@127.0.0.1:1${words}` }, {}],
    [{ url: `https://me:s3cret@127.0.0.1:1${words}` }, {}],
    [{ url: `http://me:s3cret@127.0.0.1:${babble}${words}` }, {}],
    [{ url: `http://name.invalid${words}` }, {}],
    [{ url: `http://127.0.0.1:${refusing.port}${words}`, headers: { authorization: "s3cret\n" } }, {}],
    [{ url: `ftp://me:s3cret@h${words}` }, {}],
    [{ url: `s3cret` }, {}],
    [{ url: `https://receiver.test${words}` }, deaf],
    [{ url: `https://receiver.test${words}` }, { HTTPS_PROXY: `http://me:s3cret@127.0.0.1:${refusing.port}` }],
    [{ url: `https://receiver.test${words}` }, { HTTPS_PROXY: "socks5://me:s3cret@127.0.0.1" }],
    [{ url: `https://receiver.test${words}` }, { HTTPS_PROXY: "http://me:s3cret@127.0.0.1:port" }],
    [{ url: `https://receiver.test${words}` }, { HTTPS_PROXY: "http://me:s3cret@127.0.0.1:1" }],
  ];
  for (const [request, env] of failures) {
    const { message } = await failure(request, { env });
    assert.doesNotMatch(message, /s3cret/, message);
    assert.notEqual(message, "");
  }
});

interface Page {
  readonly status: number;
  readonly location?: string;
}

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server with these pages; any other one is 200 and empty. */
async function pages(t: TestContext, all: Readonly<Record<string, Page>>) {
  const asked: Asked[] = [];
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      asked.push({ line: `${method} ${url}`, headers, body: Buffer.concat(chunks).toString() });
      const { status = 200, location } = all[url] ?? {};
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  };
  return { port: await listening(t, createServer(answer)), asked };
}

/** A proxy whose tunnels all lead to one port of this machine. */
async function tunnelTo(t: TestContext, port: number, tunnels: IncomingMessage[]): Promise<number> {
  const proxy = createServer();
  proxy.on("connect", (request: IncomingMessage, socket) => {
    tunnels.push(request);
    const there = connect(port, "127.0.0.1");
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    socket.on("error", () => {}).on("close", () => there.destroy());
    there.on("error", () => {}).on("close", () => socket.destroy());
    socket.pipe(there).pipe(socket);
  });
  return await listening(t, proxy);
}

async function listening(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Has this process believe an authority until the test is over. */
function trust(t: TestContext, cert: string): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  t.after(() => setDefaultCACertificates(before));
}

interface Asking {
  readonly env?: Readonly<Record<string, string>>;
  readonly bodyMaxBytes?: number;
  readonly signal?: AbortSignal;
}

function get(
  request: Partial<WebRequest> & { readonly url: string },
  { env = {}, signal = new AbortController().signal, ...limits }: Asking = {},
): Promise<WebAnswer> {
  return machineWeb({ env, userAgent: "kured/test", ...limits })(
    { method: "GET", headers: {}, ...request },
    { signal },
  );
}

async function failure(
  request: Partial<WebRequest> & { readonly url: string },
  asking: Asking = {},
): Promise<WebError> {
  const error: unknown = await get(request, asking).then(
    ({ status }) => `no failure but ${status}`,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WebError, String(error));
  return error;
}

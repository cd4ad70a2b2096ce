import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:https";
import { gzipSync } from "node:zlib";

import type { Clock } from "../../../src/ports/clock.ts";
import type { HttpRequest } from "../../../src/ports/transport.ts";
import type { User } from "../access.ts";
import type { Answer } from "../answers.ts";
import type { ApiServer } from "../server.ts";
import type { Watch } from "../verbs/watch.ts";
import type { Faults } from "./fault.ts";
import { streamWatch } from "./watch-stream.ts";

/** How the server is reached, by whom, and with what faults. */
export interface HttpsFrontOptions {
  /** PEM texts. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** Whose a bearer token is; `undefined` answers 401. Asked at each request, so tokens can expire. */
  readonly authenticate: (token: string | undefined) => User | undefined;
  /** Ends watches when their time is over. */
  readonly clock: Clock;
  readonly faults?: Faults;
  /** A free port on the loopback address unless said otherwise, so that a restart can have the same one. */
  readonly port?: number;
}

/** The server behind real HTTPS on 127.0.0.1. */
export interface HttpsFront {
  readonly port: number;
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** Cuts every connection, and resolves when the port is free. What the server keeps, it keeps. */
  close(): Promise<void>;
}

/** Listens; rejects when the port cannot be had. */
export async function httpsFront(server: ApiServer, options: HttpsFrontOptions): Promise<HttpsFront> {
  const listener = createServer({ ...options.tls, keepAliveTimeout: 60_000 }, (incoming, outgoing) => {
    serve(incoming, { outgoing, server, options }).catch(() => outgoing.destroy());
  });
  const port = await listen(listener, options.port ?? 0);
  return {
    port,
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly outgoing: ServerResponse;
  readonly server: ApiServer;
  readonly options: HttpsFrontOptions;
}

async function serve(incoming: IncomingMessage, { outgoing, server, options }: Exchange): Promise<void> {
  const request = await readRequest(incoming);
  const fault = options.faults?.(request);
  if (fault?.kind === "silent") return;
  if (fault?.kind === "unreachable") {
    outgoing.destroy();
    return;
  }
  if (fault?.kind === "answered") {
    outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    return;
  }
  const token = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1];
  const answer = server.handle(request, { user: options.authenticate(token) });
  const cutAfterBytes = fault?.kind === "bodyCut" ? fault.afterBytes : undefined;
  if (fault?.kind === "answerLost") outgoing.destroy();
  else if (answer.kind === "watch")
    sendWatch(answer.watch, { outgoing, clock: options.clock, cutAfterBytes, headers: answer.headers });
  else sendWhole(answer, { outgoing, cutAfterBytes, gzip: acceptsGzip(request) });
}

async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    // Whatever else a client may send, the server answers 405.
    method: incoming.method as HttpRequest["method"],
    path: incoming.url ?? "/",
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
  };
}

interface WholeOptions {
  readonly outgoing: ServerResponse;
  readonly cutAfterBytes: number | undefined;
  readonly gzip: boolean;
}

/** The real server compresses what is longer than this. */
const gzipThresholdBytes = 128 * 1024;

function sendWhole(answer: Answer & { readonly kind: "whole" }, { outgoing, cutAfterBytes, gzip }: WholeOptions): void {
  const plain = Buffer.from(answer.body);
  const zipped = gzip && plain.length > gzipThresholdBytes;
  const body = zipped ? gzipSync(plain) : plain;
  const headers = { ...answer.headers, ...(zipped && { "content-encoding": "gzip", vary: "Accept-Encoding" }) };
  outgoing.writeHead(answer.status, { ...headers, "content-length": String(body.length) });
  if (cutAfterBytes === undefined) outgoing.end(body);
  else outgoing.write(body.subarray(0, cutAfterBytes), () => outgoing.destroy());
}

interface WatchOptions {
  readonly outgoing: ServerResponse;
  readonly clock: Clock;
  readonly cutAfterBytes: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function sendWatch(watch: Watch, { outgoing, clock, cutAfterBytes, headers }: WatchOptions): void {
  outgoing.writeHead(200, headers);
  outgoing.flushHeaders();
  const forget = streamWatch(watch, {
    clock,
    cutAfterBytes,
    sink: {
      write: (text) => outgoing.write(text),
      end: (how) => {
        if (how === "closed") outgoing.end();
        // What was written before the cut is still to be seen.
        else outgoing.write("", () => outgoing.destroy());
      },
    },
  });
  outgoing.on("close", forget);
}

function acceptsGzip({ headers }: HttpRequest): boolean {
  return (headers["accept-encoding"] ?? "").includes("gzip");
}

function listen(listener: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(port, "127.0.0.1", () => {
      const address = listener.address();
      listener.removeListener("error", reject);
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("The listener has no port"));
    });
  });
}

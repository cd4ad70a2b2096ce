import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Inbound, InboundHandler, InboundOptions, InboundRequest } from "../ports/inbound.ts";

const connectionLimit = 100;

/**
 * Plain HTTP over TCP, for callers with one short question: metrics, health. Whoever has not sent all headers after
 * `patienceMs` or sends more than 16 KiB of them is hung up on, and so is the oldest connection when a 101st comes: who
 * keeps a hundred open must not keep the kubelet out. Bodies of requests are not read; a connection that brings one is
 * closed after the answer.
 */
export function httpInbound({ patienceMs = 5_000 }: { readonly patienceMs?: number } = {}): Inbound {
  const limits = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: patienceMs,
    requestTimeout: 2 * patienceMs,
    keepAliveTimeout: 3 * patienceMs,
    connectionsCheckingInterval: patienceMs / 2,
  };
  return { serve: (handler, options) => serve(handler, { ...options, limits }) };
}

async function serve(
  handler: InboundHandler,
  options: InboundOptions & { readonly limits: ServerOptions },
): Promise<void> {
  const { host, port, signal, listening, limits } = options;
  if (signal.aborted) return;
  const server = createServer(limits, (request, response) => {
    answer(request, { response, handler }).catch(() => response.destroy());
  });
  makeRoom(server);
  server.on("listening", () => listening?.(portOf(server)));
  await new Promise<void>((resolve, reject) => {
    server.on("error", (error) => {
      signal.removeEventListener("abort", stop);
      reject(new Error(`cannot listen on ${host || "*"}:${port}: ${reasonOf(error)}`, { cause: error }));
    });
    signal.addEventListener("abort", stop, { once: true });
    server.listen({ port, ...(host === "" ? {} : { host }) });

    function stop(): void {
      // Not awaited: Bun's does not come to an end while a connection is open on which nothing was ever asked.
      server.close();
      server.closeAllConnections();
      resolve();
    }
  });
}

function makeRoom(server: Server): void {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [oldest] = open;
    if (open.size > connectionLimit) oldest?.destroy();
  });
}

async function answer(
  request: IncomingMessage,
  { response, handler }: { readonly response: ServerResponse; readonly handler: InboundHandler },
): Promise<void> {
  const { status, headers, body } = await ask(handler, request);
  response.writeHead(status, {
    ...headers,
    "content-length": Buffer.byteLength(body),
    ...(bringsBody(request) ? { connection: "close" } : {}),
  });
  response.end(body);
}

/** The handler's answer, or 500 for one that failed. */
async function ask(handler: InboundHandler, request: IncomingMessage): ReturnType<InboundHandler> {
  try {
    return await handler(decode(request));
  } catch {
    return { status: 500, headers: { "content-type": "text/plain; charset=utf-8" }, body: "internal error\n" };
  }
}

function decode({ method = "", url = "", headers }: IncomingMessage): InboundRequest {
  const path = url.replace(/^https?:\/\/[^/?#]*/, "").replace(/[?#][^]*$/, "");
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) single[name] = [value].flat().join(", ");
  return { method, path, headers: single };
}

function bringsBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function reasonOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}

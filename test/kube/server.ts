import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { machineClock } from "../../src/host/clock.ts";
import { kubeClient } from "../../src/kube/client.ts";
import type { KubeClient } from "../../src/kube/client.ts";
import { httpsTransport } from "../../src/kube/https.ts";
import type { Transport } from "../../src/ports/transport.ts";

/** One request as the server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What a scripted server does with a request; it may also do nothing, or destroy the connection. */
export type Script = (request: Seen, response: ServerResponse) => void;

/** A real HTTP server on loopback that behaves as scripted, and everything that it was asked. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  readonly transport: Transport;
  readonly client: KubeClient;
}

/** Limits that a test makes shorter than a daemon would. */
export interface ScriptedOptions {
  readonly requestTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  readonly maxBodyBytes?: number;
}

/** Starts one for the length of a test. */
export async function scriptedServer(
  t: TestContext,
  script: Script,
  { requestTimeoutMs = 5_000, idleTimeoutMs = 60_000, maxBodyBytes }: ScriptedOptions = {},
): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    readText(request).then(
      (body) => {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
        const one = {
          method: request.method ?? "",
          path: pathname,
          query: searchParams,
          headers: request.headers,
          body,
        };
        seen.push(one);
        script(one, response);
      },
      () => response.destroy(),
    );
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  const clock = machineClock();
  const transport = httpsTransport({ connection: { server: url }, clock, userAgent: "kured/test", idleTimeoutMs });
  const limits = maxBodyBytes === undefined ? {} : { maxBodyBytes };
  return { url, seen, transport, client: kubeClient({ transport, clock, requestTimeoutMs, ...limits }) };
}

/** Answers JSON. */
export function answer(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(json));
}

/** A failure as the API server words it. */
export function failure(code: number, reason: string, extra: object = {}): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", message: `it is ${reason}`, reason, code, ...extra };
}

/** One line of a watch. */
export function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** A Node, or anything else that is only looked at by its metadata. */
export function object(name: string, { resourceVersion = "1", ...metadata }: Record<string, unknown> = {}): object {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion, ...metadata } };
}

/** The port of a server that listens on a socket address. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { machineWeb } from "../../host/network/web.ts";
import type { Web } from "../../ports/web.ts";

/** A request as it arrived, with the URL that the service itself was asked by. */
export interface Received {
  readonly method: string;
  /** With scheme and host as the notifier wrote them, without credentials. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the receiver is to answer. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Every service of the internet on one port of this machine. */
export interface Receiver {
  /** Goes to the receiver, whatever host a request is for. */
  readonly web: Web;
  /** The receiver's own address: `http://127.0.0.1:port`. */
  readonly address: string;
  readonly received: Received[];
  /** Forgets what it has received, and answers the next requests with these, the last again and again. */
  expect(...replies: readonly Reply[]): void;
  close(): Promise<void>;
}

/** Starts one. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let replies: readonly Reply[] = [{}];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status = 200, headers = {}, body = "" } = replies[Math.min(received.length, replies.length - 1)] ?? {};
      const { "x-asked-origin": origin = "", ...others } = request.headers;
      const url = `${String(origin)}${request.url ?? ""}`;
      received.push({ method: request.method ?? "", url, headers: others, body: Buffer.concat(chunks).toString() });
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const direct = machineWeb({ env: {}, userAgent: "kured/test" });
  const web: Web = (request, options) => {
    const { username, password, host, protocol, pathname, search } = new URL(request.url);
    const local = new URL(pathname + search, address);
    [local.username, local.password] = [username, password];
    const headers = { ...request.headers, "x-asked-origin": `${protocol}//${host}` };
    return direct({ ...request, url: local.href, headers }, options);
  };
  return {
    web,
    address,
    received,
    expect: (...next) => {
      received.length = 0;
      replies = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

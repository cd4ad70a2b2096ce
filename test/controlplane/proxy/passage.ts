import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { request as httpsRequest, type Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { CannedAnswer, Fault } from "./faults.ts";
import type { Holds } from "./holds.ts";
import type { ProxiedRequest } from "./requests.ts";

/** All that the way of one request needs. */
export interface Passage {
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
  readonly fault: Fault | undefined;
  readonly holds: Holds;
  readonly watches: Map<ServerResponse, IncomingMessage>;
  readonly agent: Agent;
  readonly upstream: string;
}

/**
 * Takes one request to the API server and its answer back, with whatever is to happen on the way. Rejects when either
 * end is gone.
 */
export async function pass(request: ProxiedRequest, passage: Passage): Promise<void> {
  const { response, fault, holds, watches } = passage;
  if ((await holds.pass(request, "before")) === "drop" || fault?.kind === "drop") return void response.destroy();
  if (response.closed) return;
  if (fault?.kind === "silent") return;
  if (fault?.kind === "answer") return answer(request, { response, answer: fault.answer });
  if (fault?.kind === "delay") await sleep(fault.delayMs);
  const upstream = await ask(request, passage);
  // Held with nothing delivered yet, not even the status. The body waits in the socket meanwhile.
  if ((await holds.pass(request, "after")) === "drop") return void response.destroy();
  request.status = upstream.statusCode ?? 0;
  response.writeHead(request.status, upstream.headers);
  if (request.isWatch) {
    response.flushHeaders(); // A watch without events is open all the same.
    watches.set(response, upstream);
    response.once("close", () => watches.delete(response));
  }
  response.once("close", () => upstream.destroy());
  if (fault?.kind === "cut") return deliverPart(upstream, { response, afterBytes: fault.afterBytes });
  upstream.pipe(response);
  upstream.once("error", () => response.destroy());
}

async function ask(request: ProxiedRequest, { incoming, body, agent, upstream }: Passage): Promise<IncomingMessage> {
  const { connection: _, host: __, ...headers } = incoming.headers;
  const outgoing = httpsRequest(`${upstream}${request.path}`, { method: request.method, headers, agent });
  outgoing.end(body);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  return response;
}

function answer(
  request: ProxiedRequest,
  { response, answer }: { readonly response: ServerResponse; readonly answer: CannedAnswer },
): void {
  request.status = answer.status;
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

/** Half of what there is, or so many bytes, and then the connection breaks. */
async function deliverPart(
  upstream: IncomingMessage,
  { response, afterBytes }: { readonly response: ServerResponse; readonly afterBytes: number | undefined },
): Promise<void> {
  const length = Number(upstream.headers["content-length"]);
  let left = afterBytes ?? (Number.isNaN(length) ? 20 : Math.floor(length / 2));
  for await (const chunk of upstream) {
    const part = (chunk as Buffer).subarray(0, left);
    await new Promise((resolve) => {
      response.write(part, resolve);
    });
    left -= part.length;
    if (left <= 0) break;
  }
  response.destroy();
}

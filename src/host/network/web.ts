import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { WebError, type Web, type WebAnswer, type WebRequest } from "../../ports/web.ts";
import { reasonOf } from "./failure.ts";
import { proxyFor } from "./proxy.ts";
import { redirected } from "./redirect.ts";
import { tunnelThrough } from "./tunnel.ts";

/**
 * HTTP over the network, a connection for each exchange. Takes the proxy that the environment names (`HTTPS_PROXY`,
 * `HTTP_PROXY`, `NO_PROXY`), follows redirects as Go's client does, and adds a `User-Agent` where there is none.
 */
export function machineWeb({ env, userAgent, bodyMaxBytes = 8 * 1024 * 1024 }: WebOptions): Web {
  return async (request, { signal }) => {
    let asked = named(request, userAgent);
    for (let hops = 0; hops <= redirectsMax; hops += 1) {
      signal.throwIfAborted();
      const answer = await exchangeOnce(asked, { env, bodyMaxBytes, signal });
      const next = redirected(asked, answer);
      if (next === undefined) return answer;
      asked = named(next, userAgent);
    }
    throw new WebError(`${hostIn(request.url)} redirects more than ${redirectsMax} times`);
  };
}

/** Where a web adapter takes its settings from. */
export interface WebOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** What comes after it is not read. */
  readonly bodyMaxBytes?: number;
}

interface ExchangeOptions {
  readonly env: WebOptions["env"];
  readonly bodyMaxBytes: number;
  readonly signal: AbortSignal;
}

const redirectsMax = 10;

function named(request: WebRequest, userAgent: string): WebRequest {
  const has = Object.keys(request.headers).some((name) => name.toLowerCase() === "user-agent");
  return has ? request : { ...request, headers: { ...request.headers, "user-agent": userAgent } };
}

async function exchangeOnce(request: WebRequest, { env, bodyMaxBytes, signal }: ExchangeOptions): Promise<WebAnswer> {
  const { url, method, headers, body } = request;
  const target = parsedUrl(url);
  const proxy = proxyFor(target, env);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const used: (() => void)[] = [];
  try {
    const agent = await agentFor(request, { target, proxy, signal, used });
    const { promise: incoming, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = (target.protocol === "https:" ? httpsRequest : httpRequest)(target, {
      method,
      headers: { ...headers, ...length },
      agent,
      signal,
      auth: credentialsOf(target),
    });
    outgoing.on("response", resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
    const answer = await incoming;
    return {
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])),
      body: await readBody(answer, bodyMaxBytes),
    };
  } catch (error) {
    signal.throwIfAborted();
    throw new WebError(`${hostIn(url)}: ${reasonOf(error)}`);
  } finally {
    for (const release of used) release();
  }
}

interface Way {
  readonly target: URL;
  readonly proxy: URL | undefined;
  readonly signal: AbortSignal;
  /** What is to be done when the exchange is over. */
  readonly used: (() => void)[];
}

/** One for each exchange: nothing is told often enough to keep a connection for it. */
async function agentFor(request: WebRequest, { target, proxy, signal, used }: Way): Promise<HttpAgent> {
  if (target.protocol === "http:") {
    const agent = new HttpAgent({ proxyEnv: proxy === undefined ? {} : { HTTP_PROXY: proxy.href } });
    used.push(() => agent.destroy());
    return agent;
  }
  const tunnel = proxy === undefined ? undefined : await tunnelThrough(proxy, { target, signal });
  const rejectUnauthorized = !(request.skipTlsVerify ?? false);
  const agent = new HttpsAgent({ rejectUnauthorized, ...(tunnel !== undefined && { socket: tunnel }) });
  used.push(
    () => agent.destroy(),
    () => tunnel?.destroy(),
  );
  return agent;
}

async function readBody(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8");
}

function credentialsOf({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

function parsedUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:" && parsed?.protocol !== "http:") throw new WebError("not an http or https URL");
  return parsed;
}

/** What may be said of a URL: its path and its credentials are secrets. */
function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "a URL";
}

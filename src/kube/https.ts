import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { Clock } from "../ports/clock.ts";
import { TransportError } from "../ports/transport.ts";
import type { HttpRequest, HttpResponse, Transport } from "../ports/transport.ts";
import type { Connection } from "./connection/connection.ts";
import { acceptedEncodings, readBody } from "./https-body.ts";

/** What the transport needs beyond the connection. */
export interface HttpsTransportParts {
  readonly connection: Connection;
  readonly clock: Clock;
  /** `kured/<version>`; the API server takes what is before the slash for the name of the field manager. */
  readonly userAgent: string;
  /** From nothing to a TLS connection; ten seconds unless told. */
  readonly connectTimeoutMs?: number;
  /** A connection that is silent for so long in the middle of an exchange is dead; five minutes unless told. */
  readonly idleTimeoutMs?: number;
  /** For so long an unused connection is kept; 25 s unless told, so that we and not a load balancer close it. */
  readonly keptForMs?: number;
}

/**
 * The one real transport: HTTP/1.1 over TLS on connections that are kept. Answers as the port says. A 401 makes it
 * look for newer credentials and ask once more; a GET whose kept connection turns out to be closed is sent again.
 */
export function httpsTransport(parts: HttpsTransportParts): Transport {
  const target = targetOf(parts.connection);
  const wire: Wire = { ...parts, target, agent: agentFor(target, parts) };
  return async (request, { signal }) => {
    signal.throwIfAborted();
    const authorization = await authorize(wire, { signal });
    const { answer, giveUp } = await sendOnKeptConnection(wire, { request, authorization, signal });
    if (answer.status !== 401 || authorization === undefined) return answer;
    const renewed = await authorize(wire, { refused: authorization, signal }).catch(() => authorization);
    if (renewed === authorization) return answer;
    giveUp();
    return (await sendOnKeptConnection(wire, { request, authorization: renewed, signal })).answer;
  };
}

const defaultConnectTimeoutMs = 10_000;
const defaultIdleTimeoutMs = 300_000;
const defaultKeptForMs = 25_000;
const tcpKeepAliveMs = 30_000;
/**
 * As many as a drain has evictions in flight: a connection that is thrown away between two costs the server a
 * handshake.
 */
const maxFreeSockets = 32;

interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: string;
  /** Before every path; empty for nearly everyone. */
  readonly prefix: string;
}

interface Wire extends HttpsTransportParts {
  readonly target: Target;
  readonly agent: http.Agent;
}

interface Sending {
  readonly request: HttpRequest;
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

/** Throws an Error where the address is none. */
function targetOf({ server }: Connection): Target {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`"${server}" is not the address of an API server, which begins with https:// or http://`);
  }
  return {
    secure: url.protocol === "https:",
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port,
    prefix: url.pathname.replace(/\/+$/, ""),
  };
}

function agentFor({ secure }: Target, { connection, keptForMs = defaultKeptForMs }: HttpsTransportParts): http.Agent {
  const kept = { keepAlive: true, keepAliveMsecs: tcpKeepAliveMs, maxFreeSockets, timeout: keptForMs };
  if (!secure) return new http.Agent(kept);
  const { certificateAuthority, clientCertificate, skipVerification = false, tlsServerName } = connection;
  return new https.Agent({
    ...kept,
    rejectUnauthorized: !skipVerification,
    // Once: each connection of its own would read the certificates anew, which costs more than its handshake.
    secureContext: createSecureContext({
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate.certificate, key: clientCertificate.key }),
    }),
    ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
  });
}

async function authorize(
  { connection }: Wire,
  options: { readonly refused?: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    return await connection.credentials?.authorization(options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw new TransportError(`no credentials for the API server: ${textOf(error)}`, { cause: error });
  }
}

/** The server may have closed a kept connection in the moment in which we used it. Then nothing was answered yet. */
async function sendOnKeptConnection(wire: Wire, sending: Sending): Promise<OpenResponse> {
  try {
    return await send(wire, sending);
  } catch (error) {
    const stale = error instanceof StaleConnectionError && sending.request.method === "GET";
    if (!stale) throw error;
    return await send(wire, sending);
  }
}

class StaleConnectionError extends TransportError {}

interface OpenResponse {
  readonly answer: HttpResponse;
  readonly giveUp: () => void;
}

/** Resolves with the status and headers. Rejects with `signal.reason` or a `TransportError`. */
function send(wire: Wire, sending: Sending): Promise<OpenResponse> {
  const { signal } = sending;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const outgoing = begin(wire, sending);
    let failure: Error | undefined;
    const fail = (error: Error): void => {
      failure ??= error;
      outgoing.destroy();
    };
    const giveUp = (): void => {
      outgoing.destroy();
    };
    signal.addEventListener("abort", giveUp, { once: true });
    outgoing.on("socket", (socket) => limitConnecting(socket, { wire, signal, fail }));
    outgoing.on("timeout", () => fail(new TransportError("the API server has been silent for too long")));
    outgoing.on("error", (error) => {
      failure ??= asTransportError(error, outgoing);
    });
    // Comes last, whatever happened: after a failure, and after the end of the answer's body.
    outgoing.on("close", () => {
      signal.removeEventListener("abort", giveUp);
      reject(signal.aborted ? signal.reason : (failure ?? new TransportError("the connection was closed")));
    });
    outgoing.on("response", (incoming) => {
      const status = incoming.statusCode ?? 0;
      const headers = headersOf(incoming);
      const body = readBody(incoming, { signal, failure: () => failure });
      resolve({ answer: { status, headers, body }, giveUp });
    });
    outgoing.end(sending.request.body);
  });
}

function begin({ target, agent, userAgent, idleTimeoutMs }: Wire, sending: Sending): http.ClientRequest {
  const { request, authorization } = sending;
  const { method, path, headers, body } = request;
  return (target.secure ? https : http).request({
    agent,
    hostname: target.hostname,
    port: target.port,
    method,
    path: `${target.prefix}${path}`,
    timeout: idleTimeoutMs ?? defaultIdleTimeoutMs,
    headers: {
      ...headers,
      "user-agent": userAgent,
      "accept-encoding": acceptedEncodings,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    },
  });
}

interface Connecting {
  readonly wire: Wire;
  readonly signal: AbortSignal;
  readonly fail: (error: Error) => void;
}

/** A host that does not answer at all would otherwise take minutes to be given up by the kernel. */
function limitConnecting(socket: Socket, { wire, signal, fail }: Connecting): void {
  if (!socket.connecting) return;
  const durationMs = wire.connectTimeoutMs ?? defaultConnectTimeoutMs;
  const deadline = wire.clock.deadline(durationMs, { signal });
  const onAbort = (): void => {
    if (!signal.aborted) fail(new TransportError(`no connection to the API server within ${durationMs / 1000} s`));
  };
  const settle = (): void => {
    deadline.signal.removeEventListener("abort", onAbort);
    deadline.clear();
  };
  deadline.signal.addEventListener("abort", onAbort, { once: true });
  socket.once(wire.target.secure ? "secureConnect" : "connect", settle);
  socket.once("close", settle);
}

function asTransportError(error: Error, outgoing: http.ClientRequest): TransportError {
  const closed = outgoing.reusedSocket && "code" in error && error.code === "ECONNRESET";
  return closed ? new StaleConnectionError(error.message) : new TransportError(textOf(error), { cause: error });
}

function headersOf(incoming: http.IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

/** A refused connection to a name with several addresses is an AggregateError without a message of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(textOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

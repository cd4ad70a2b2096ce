import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { resourcePath, type KubeObject, type ObjectList, type Ref, type Selection } from "./resources.ts";

/** What the API server said, whatever it was. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** An answer other than 2xx to a request of the test's own. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly status: number;
  readonly text: string;
  constructor(what: string, { status, text }: RawAnswer) {
    super(`${what}: ${status} ${text}`);
    this.status = status;
    this.text = text;
  }
}

export interface PatchOptions {
  /** A merge patch (RFC 7386) unless given. */
  readonly type?: "merge" | "json" | "strategic";
  readonly subresource?: string;
}

export interface TokenOptions {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Binds the token to a pod; one on a node makes the token carry that node's name. */
  readonly pod?: { readonly name: string; readonly uid: string };
  /** At least 600, the server's own minimum; an hour unless given. */
  readonly expirationSeconds?: number;
}

/**
 * A client of the API server for the tests themselves: knows no retries, caches nothing, and is none of the product's
 * code. Every method but `send` rejects with a `RequestRefused` when the answer is not 2xx.
 */
export interface TestClient {
  send(method: string, path: string, options?: SendOptions): Promise<RawAnswer>;
  get<T extends KubeObject = KubeObject>(ref: Ref): Promise<T>;
  /** `undefined` when there is no such object. */
  find<T extends KubeObject = KubeObject>(ref: Ref): Promise<T | undefined>;
  list<T extends KubeObject = KubeObject>(selection: Selection): Promise<readonly T[]>;
  create<T extends KubeObject>(object: T): Promise<T>;
  update<T extends KubeObject>(object: T): Promise<T>;
  patch<T extends KubeObject = KubeObject>(ref: Ref, patch: unknown, options?: PatchOptions): Promise<T>;
  /** Resolves when the server has accepted the deletion; an object that is not there is fine. */
  delete(ref: Ref, options?: { readonly gracePeriodSeconds?: number }): Promise<void>;
  /** Answers the token. */
  requestToken(options: TokenOptions): Promise<string>;
  close(): void;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  /** Beyond those that every request has. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type Credentials =
  | { readonly kind: "certificate"; readonly certificate: string; readonly key: string }
  | { readonly kind: "token"; readonly token: string };

export interface ClientOptions {
  readonly server: string;
  /** In PEM. */
  readonly authority: string;
  readonly credentials: Credentials;
  /** `controlplane-test` unless given. */
  readonly userAgent?: string;
  readonly signal: AbortSignal;
}

export function createClient(options: ClientOptions): TestClient {
  const { credentials } = options;
  const identity = credentials.kind === "certificate" ? { cert: credentials.certificate, key: credentials.key } : {};
  const agent = new Agent({ ca: options.authority, keepAlive: true, maxSockets: 20, ...identity });
  const send: TestClient["send"] = (method, path, extra) => exchange(method, path, { ...options, ...extra, agent });
  const call = async <T>(method: string, path: string, extra?: SendOptions): Promise<T> => {
    const answer = await send(method, path, extra);
    if (answer.status >= 300) throw new RequestRefused(`${method} ${path}`, answer);
    return JSON.parse(answer.text) as T;
  };
  const get: TestClient["get"] = (ref) => call("GET", resourcePath(ref));
  return {
    send,
    get,
    find: (ref) => get<never>(ref).catch(undefinedWhenGone),
    list: async <T extends KubeObject>(selection: Selection) => {
      const { apiVersion, kind, items } = await call<ObjectList<T>>("GET", listPath(selection));
      // Items of a list do not carry their own kind.
      return items.map((item) => ({ ...item, apiVersion, kind: kind.replace(/List$/, "") }));
    },
    create: (object) => call("POST", resourcePath(object, { name: false }), { body: object }),
    update: (object) => call("PUT", resourcePath(object), { body: object }),
    patch: (ref, body, { type = "merge", subresource } = {}) => {
      const path = resourcePath(ref) + (subresource === undefined ? "" : `/${subresource}`);
      const contentType =
        type === "strategic" ? "strategic-merge-patch" : type === "json" ? "json-patch" : "merge-patch";
      return call("PATCH", path, { body, contentType: `application/${contentType}+json` });
    },
    delete: async (ref, body = {}) => {
      await call("DELETE", resourcePath(ref), { body }).catch(undefinedWhenGone);
    },
    requestToken: async ({ namespace, serviceAccount, pod, expirationSeconds = 3600 }) => {
      const boundObjectRef = pod === undefined ? undefined : { apiVersion: "v1", kind: "Pod", ...pod };
      const path = `${resourcePath({ kind: "ServiceAccount", metadata: { namespace, name: serviceAccount } })}/token`;
      const body = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds, boundObjectRef },
      };
      return (await call<{ status: { token: string } }>("POST", path, { body })).status.token;
    },
    close: () => agent.destroy(),
  };
}

function listPath({ labelSelector, fieldSelector, ...selection }: Selection): string {
  const query = new URLSearchParams();
  if (labelSelector !== undefined) query.set("labelSelector", labelSelector);
  if (fieldSelector !== undefined) query.set("fieldSelector", fieldSelector);
  const path = resourcePath({ kind: selection.kind, metadata: { ...selection, name: "" } }, { name: false });
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

function undefinedWhenGone(error: unknown): undefined {
  if (error instanceof RequestRefused && error.status === 404) return undefined;
  throw error;
}

async function exchange(
  method: string,
  path: string,
  { server, agent, credentials, userAgent, signal, ...extra }: ClientOptions & SendOptions & { agent: Agent },
): Promise<RawAnswer> {
  const { body, contentType } = extra;
  const headers: Record<string, string> = {
    ...extra.headers,
    accept: "application/json",
    "user-agent": userAgent ?? "controlplane-test",
  };
  if (credentials.kind === "token") headers["authorization"] = `Bearer ${credentials.token}`;
  if (body !== undefined) headers["content-type"] = contentType ?? "application/json";
  const text = body === undefined ? undefined : JSON.stringify(body);
  // Node sends the body of a DELETE without its length, and the rest of the connection is then read as nonsense.
  if (text !== undefined) headers["content-length"] = String(Buffer.byteLength(text));
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(60_000)]);
  const outgoing = httpsRequest(`${server}${path}`, { method, headers, agent, signal: deadline });
  outgoing.end(text);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

import type { HttpRequest, Transport } from "../../../src/ports/transport.ts";
import { parseJson } from "../objects/json.ts";
import type { Json } from "../objects/json.ts";

/** A whole answer, its body parsed; of a body that is no JSON, the text. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** The three languages of patches. */
export type PatchKind = "json" | "merge" | "strategic";

/** Speaks to a server the way a person with curl does: for tests and scenarios, not for daemons. */
export interface Caller {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  post(path: string, body: Json | string): Promise<Reply>;
  put(path: string, body: Json | string): Promise<Reply>;
  /** A text is sent as it is. */
  patch(path: string, options: { readonly kind: PatchKind; readonly body: Json | string }): Promise<Reply>;
  delete(path: string, body?: Json): Promise<Reply>;
  /** The events of a watch, one by one, until it ends or `signal` aborts. */
  watch(
    path: string,
    options: { readonly signal: AbortSignal; readonly headers?: Readonly<Record<string, string>> },
  ): AsyncGenerator<Json, void>;
}

/** Every request but a watch ends with `signal`. */
export function callerOf(transport: Transport, { signal }: { readonly signal: AbortSignal }): Caller {
  const json = { "content-type": "application/json" };
  const ask = (request: HttpRequest): Promise<Reply> => exchange(transport, { request, signal });
  return {
    get: (path, headers = {}) => ask({ method: "GET", path, headers }),
    post: (path, body) => ask({ method: "POST", path, headers: json, body: textOf(body) }),
    put: (path, body) => ask({ method: "PUT", path, headers: json, body: textOf(body) }),
    patch: (path, { kind, body }) =>
      ask({ method: "PATCH", path, headers: { "content-type": patchTypes[kind] }, body: textOf(body) }),
    delete: (path, body) =>
      ask({ method: "DELETE", path, headers: json, ...(body !== undefined && { body: textOf(body) }) }),
    watch: (path, options) => events(transport, { path, ...options }),
  };
}

const patchTypes: Readonly<Record<PatchKind, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
};

interface Exchange {
  readonly request: HttpRequest;
  readonly signal: AbortSignal;
}

async function exchange(transport: Transport, { request, signal }: Exchange): Promise<Reply> {
  const { status, headers, body } = await transport(request, { signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { status, headers, body: parseJson(text) ?? text };
}

interface Watching {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

async function* events(transport: Transport, { path, signal, headers = {} }: Watching): AsyncGenerator<Json, void> {
  const { body } = await transport({ method: "GET", path, headers }, { signal });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield parseJson(line) ?? line;
  }
}

function textOf(body: Json | string): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

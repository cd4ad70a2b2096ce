import type { Json } from "../../../sim/apiserver/objects/json.ts";

/**
 * One thing that a case does to a server. Texts may name parts of earlier answers, `$(label.metadata.uid)`, and the
 * namespace of the case, `$(ns)`.
 */
export type Step =
  /** A request, whose whole answer counts. */
  | Ask
  /** Opens a watch and leaves it open. */
  | {
      readonly kind: "open";
      readonly watch: string;
      readonly path: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /**
   * Reads events of an open watch: so many, `"all"` until the server ends it, or up to that of an object called last.
   */
  | { readonly kind: "read"; readonly watch: string; readonly events: number | "all" | "last" }
  /** The server forgets all history. */
  | { readonly kind: "compact" };

/** Who asks: somebody with all rights, somebody known with none, or somebody with a token that is worth nothing. */
export type Asker = "admin" | "stranger" | "nobody";

export interface Ask {
  readonly kind: "ask";
  /** `admin` unless said. */
  readonly by?: Asker;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is sent as it is. */
  readonly body?: Json;
  /** Under which later steps find the answer's body, if it is a 2xx or a 410. */
  readonly label?: string;
}

/** A sequence of steps whose answers must be the same from both servers. */
export interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** The same, asked by somebody else. */
export function asked(by: Asker, step: Ask): Ask {
  return { ...step, by };
}

interface More {
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = { "content-type": "application/json" };

export function get(path: string, { as, headers = {} }: More = {}): Ask {
  return { kind: "ask", method: "GET", path, headers, ...(as && { label: as }) };
}

export function post(path: string, body: Json, { as, headers = {} }: More = {}): Ask {
  return { kind: "ask", method: "POST", path, headers: { ...json, ...headers }, body, ...(as && { label: as }) };
}

export function put(path: string, body: Json, { as, headers = {} }: More = {}): Ask {
  return { kind: "ask", method: "PUT", path, headers: { ...json, ...headers }, body, ...(as && { label: as }) };
}

export function remove(path: string, body?: Json, { as }: More = {}): Ask {
  return {
    kind: "ask",
    method: "DELETE",
    path,
    headers: json,
    ...(body !== undefined && { body }),
    ...(as && { label: as }),
  };
}

/** A merge patch (RFC 7386). */
export function merge(path: string, body: Json, { as }: More = {}): Ask {
  return patch(path, { type: "application/merge-patch+json", body, as });
}

/** A JSON patch (RFC 6902). */
export function jsonPatch(path: string, body: Json, { as }: More = {}): Ask {
  return patch(path, { type: "application/json-patch+json", body, as });
}

export function strategic(path: string, body: Json, { as }: More = {}): Ask {
  return patch(path, { type: "application/strategic-merge-patch+json", body, as });
}

function patch(
  path: string,
  { type, body, as }: { readonly type: string; readonly body: Json; readonly as: string | undefined },
): Ask {
  return {
    kind: "ask",
    method: "PATCH",
    path,
    headers: { "content-type": type },
    body,
    ...(as !== undefined && { label: as }),
  };
}

export function open(watch: string, path: string, headers: Readonly<Record<string, string>> = {}): Step {
  return { kind: "open", watch, path, headers };
}

export function read(watch: string, events: number | "all" | "last"): Step {
  return { kind: "read", watch, events };
}

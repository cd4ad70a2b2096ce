import { textAt } from "./objects/json.ts";
import type { Json, JsonObject } from "./objects/json.ts";

/** Why a request was not served; thrown by the verbs and turned into the answer's body by the server. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: number;
  readonly status: JsonObject;
  constructor(status: JsonObject, options: { readonly code: number }) {
    super(textAt(status, "message"));
    this.code = options.code;
    this.status = status;
  }
}

/** The part of a resource that messages name; the group is empty for the core API. */
export interface Named {
  readonly group: string;
  readonly plural: string;
}

/** `nodes` or `leases.coordination.k8s.io`, as messages write it. */
export function qualified({ group, plural }: Named): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** 404 of an object, with its details. */
export function notFound(resource: Named, name: string): Refused {
  return failure(404, "NotFound", {
    message: `${qualified(resource)} "${name}" not found`,
    details: detailsOf(resource, name),
  });
}

/** 409 of a creation; `isEnding` when what is there is on its way out. */
export function alreadyExists(
  resource: Named,
  { name, isEnding }: { readonly name: string; readonly isEnding: boolean },
): Refused {
  return failure(409, "AlreadyExists", {
    message: `${isEnding ? "object is being deleted: " : ""}${qualified(resource)} "${name}" already exists`,
    details: detailsOf(resource, name),
  });
}

/** 409 of a write that supposes another state. */
export function conflict(resource: Named, options: { readonly name: string; readonly because: string }): Refused {
  return failure(409, "Conflict", {
    message: `Operation cannot be fulfilled on ${qualified(resource)} "${options.name}": ${options.because}`,
    details: detailsOf(resource, options.name),
  });
}

/** The sentence of every lost compare-and-swap. */
export const modifiedMeanwhile =
  "the object has been modified; please apply your changes to the latest version and try again";

/** 403 of admission or of a rule of the API, with its causes. */
export function forbidden(
  resource: Named,
  options: { readonly name: string; readonly because: string; readonly causes?: readonly Json[] },
): Refused {
  const named = options.name === "" ? qualified(resource) : `${qualified(resource)} "${options.name}"`;
  return failure(403, "Forbidden", {
    message: `${named} is forbidden: ${options.because}`,
    details: { ...detailsOf(resource, options.name), ...(options.causes && { causes: options.causes }) },
  });
}

/** One broken field: what is wrong with it and where it is. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
  /** The machine-readable type, such as `FieldValueInvalid`. */
  readonly type: string;
}

/**
 * 422 for an object that breaks the rules of its kind; `kind` is `Node`, or the resource where the real server says so.
 */
export function invalid(
  subject: { readonly group: string; readonly kind: string; readonly name: string },
  errors: readonly FieldError[],
): Refused {
  const kind = subject.group === "" ? subject.kind : `${subject.kind}.${subject.group}`;
  const sentences = errors.map((error) => `${error.field}: ${error.message}`);
  return failure(422, "Invalid", {
    message: `${kind} "${subject.name}" is invalid: ${sentences.length === 1 ? sentences[0] : `[${sentences.join(", ")}]`}`,
    details: {
      ...(subject.name !== "" && { name: subject.name }),
      ...(subject.group !== "" && { group: subject.group }),
      ...(subject.kind !== "" && { kind: subject.kind }),
      causes: errors.map(({ type, message, field }) => ({ reason: type, message, field })),
    },
  });
}

/** 422 of a JSON patch that does not apply; the real server keeps the reason to itself. */
export function patchDoesNotApply(): Refused {
  return failure(422, "Invalid", {
    message: "the server rejected our request due to an error in our request",
    details: {},
  });
}

/** 400: the request itself is wrong. */
export function badRequest(message: string): Refused {
  return failure(400, "BadRequest", { message });
}

/** 500 without a reason: what the real server answers where it did not think of a better word. */
export function unclassified(message: string): Refused {
  return failure(500, undefined, { message });
}

/** 422 for options that are none; `kind` is such as `PatchOptions`. */
export function invalidOptions(kind: string, ...errors: readonly FieldError[]): Refused {
  return invalid({ group: "meta.k8s.io", kind, name: "" }, errors);
}

/** 401: nobody knows who asks. */
export function unauthorized(): Refused {
  return failure(401, "Unauthorized", { message: "Unauthorized" });
}

/** 404 of a path that no resource answers to. */
export function pathNotFound(): Refused {
  return failure(404, "NotFound", { message: "the server could not find the requested resource", details: {} });
}

/** 405: the resource is there, the verb is not. */
export function methodNotAllowed(): Refused {
  return failure(405, "MethodNotAllowed", {
    message: "the server does not allow this method on the requested resource",
    details: {},
  });
}

/** 406 of an object that cannot be shown in the shape that was asked for. */
export function notAcceptable(message: string): Refused {
  return failure(406, "NotAcceptable", { message });
}

/** 415: a body or a patch of a type that is not understood. */
export function unsupportedMediaType(accepted: readonly string[]): Refused {
  return failure(415, "UnsupportedMediaType", {
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  });
}

/** 413, for bodies and for what a patch would make. */
export function tooLarge(message: string): Refused {
  return failure(413, "RequestEntityTooLarge", { message: `Request entity too large: ${message}` });
}

/** 410: the history that the request wants is compacted away. `token` goes on with a list all the same. */
export function expired(message: string, { token }: { readonly token?: string } = {}): Refused {
  const { status, code } = failure(410, "Expired", { message });
  return new Refused(token === undefined ? status : { ...status, metadata: { continue: token } }, { code });
}

/** 429 of the eviction API; a hint of zero seconds is no hint and sets no header. */
export function tooManyRequests(
  message: string,
  options: { readonly retryAfterSeconds: number; readonly causes: readonly Json[] },
): Refused {
  const { retryAfterSeconds, causes } = options;
  return failure(429, "TooManyRequests", {
    message,
    details: { causes, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) },
  });
}

/** 504 of a reader that asks for a version which does not exist yet. */
export function tooLargeResourceVersion(wanted: number, current: number): Refused {
  return failure(504, "Timeout", {
    message: `Timeout: Too large resource version: ${wanted}, current: ${current}`,
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    },
  });
}

/** A failure of any other shape, for rows of the real server that fit none of the above. */
export function failure(
  code: number,
  reason: string | undefined,
  said: { readonly message: string; readonly details?: JsonObject },
): Refused {
  const status: JsonObject = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: said.message,
    reason,
    details: said.details,
    code,
  };
  return new Refused(status, { code });
}

/** The body of a successful answer that has no object to show; a deletion's carries no code. */
export function success({ code, details }: { readonly code?: number; readonly details?: JsonObject }): JsonObject {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details, code };
}

function detailsOf(resource: Named, name: string): JsonObject {
  return {
    ...(name !== "" && { name }),
    ...(resource.group !== "" && { group: resource.group }),
    kind: resource.plural,
  };
}

import { MalformedError, readOptionalString, readValue } from "./object.ts";
import type { Decode } from "./object.ts";
import { excerptOf, isJsonObject, parseJson } from "./wire/json.ts";
import type { Json, JsonObject } from "./wire/json.ts";

/** What came of a request. Callers handle by name what they can act on, and `describeFailure` the rest. */
export type Answer<T> = { readonly kind: "ok"; readonly value: T } | Failure;

/** `message` is the API server's own sentence, or ours where it gave none. */
export type Failure =
  /** 404, from the API server itself: surely no such object. A proxy's bare 404 is `notJson` and proves nothing. */
  | { readonly kind: "gone"; readonly message: string }
  /** 409: the object is not as the request supposes (resourceVersion, uid). Look again, decide again. */
  | { readonly kind: "conflict"; readonly message: string }
  /** 409 of a create: there is one of this name already. */
  | { readonly kind: "alreadyExists"; readonly message: string }
  /** 410: the resourceVersion or the continue token is too old. List anew. */
  | { readonly kind: "expired"; readonly message: string }
  /** 422: refused by validation, by an admission policy, or by a failed `test` of a JSON patch, which look the same. */
  | { readonly kind: "invalid"; readonly message: string }
  /** 403: no right to do this. */
  | { readonly kind: "forbidden"; readonly message: string }
  /** 403 of an eviction from a namespace that is being deleted; its pods go anyway. */
  | { readonly kind: "terminatingNamespace"; readonly message: string }
  /** 401, also with a token just read again. */
  | { readonly kind: "unauthorized"; readonly message: string }
  /** 429 from API priority and fairness: the server is busy. Says nothing about disruption budgets. */
  | { readonly kind: "throttled"; readonly message: string; readonly retryAfterMs: number | undefined }
  /** 429 of an eviction that a disruption budget does not allow now. */
  | BudgetRefused
  /** 500 of an eviction: two or more budgets select the pod, which no waiting cures. */
  | { readonly kind: "severalBudgets"; readonly message: string }
  /** Any other 4xx: the request is wrong, and repeating it helps nobody. */
  | { readonly kind: "badRequest"; readonly status: number; readonly message: string }
  /** 408 or any other 5xx. Whether a write was done is unknown. */
  | {
      readonly kind: "serverError";
      readonly status: number;
      readonly message: string;
      readonly retryAfterMs: number | undefined;
    }
  /** No answer, or it broke off, or it took too long. Whether a write was done is unknown. */
  | { readonly kind: "unreachable"; readonly message: string }
  /** The answer is not JSON, so not the API server's: some proxy's, or another server's. */
  | { readonly kind: "notJson"; readonly status: number; readonly message: string; readonly excerpt: string }
  /** JSON of another shape than was asked for; the message names the place and the offending value. */
  | { readonly kind: "malformed"; readonly message: string; readonly excerpt: string };

/** Numbers and name come from the API server's sentence and are undefined where that is worded differently. */
export interface BudgetRefused {
  readonly kind: "budgetRefused";
  /** `Cannot evict pod as it would violate the pod's disruption budget.` and the sentences of all causes. */
  readonly message: string;
  /** In the pod's namespace. */
  readonly budget: string | undefined;
  readonly neededHealthy: number | undefined;
  readonly currentHealthy: number | undefined;
  /** The budget has not been looked at since its last change; the numbers are to come in some seconds. */
  readonly beingProcessed: boolean;
  readonly retryAfterMs: number | undefined;
}

/** An HTTP answer, collected. Header names are lower-case. */
export interface CollectedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Reads an answer of the API server: a success decoded by `decode`, anything else by its name. Never throws. */
export function readAnswer<T>(response: CollectedResponse, decode: Decode<T>): Answer<T> {
  const json = parseJson(response.text);
  if (isFailureStatus(json)) return readStatus(json, response);
  if (response.status < 200 || response.status > 299) return readForeign(response, json);
  if (json === undefined) return notJson(response);
  return decoded(json, decode);
}

/** The value that `decode` makes of JSON, or `malformed`. Never throws. */
export function decoded<T>(json: Json, decode: Decode<T>): Answer<T> {
  try {
    return { kind: "ok", value: decode(json) };
  } catch (error) {
    return malformed(error, json);
  }
}

export function malformed(error: unknown, json: Json | undefined): Failure {
  const excerpt = error instanceof MalformedError ? error.excerpt : excerptOf(json);
  return { kind: "malformed", message: messageOf(error), excerpt };
}

/**
 * Names a `Status` object of the API server. The `reason` decides, and the code only where there is none, except
 * that 429 is always 429 (kubectl's rule). `response` is where the code and Retry-After come from otherwise.
 */
export function readStatus(
  status: JsonObject,
  response: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Failure {
  const given = readValue(status, "code");
  const code = (typeof given === "number" ? given : response.status) ?? 0;
  const reason = textAt(status, "reason") ?? "";
  const message = textAt(status, "message") ?? `${reason === "" ? "Failure" : reason} (${code})`;
  const retryAfterMs = retryAfter(status, response.headers ?? {});
  const byName = nameOf(reason, code);
  switch (byName) {
    case "throttled":
      return budgetRefusal(status, { message, retryAfterMs }) ?? { kind: "throttled", message, retryAfterMs };
    case "forbidden":
      return { kind: causesOf(status).some(isTerminatingNamespace) ? "terminatingNamespace" : "forbidden", message };
    case "serverError":
      if (message.includes(severalBudgetsText)) return { kind: "severalBudgets", message };
      return { kind: byName, status: code, message, retryAfterMs };
    case "badRequest":
      return { kind: byName, status: code, message };
    default:
      return { kind: byName, message };
  }
}

/** No answer could be had: a `TransportError`, a deadline, an answer too large. */
export function unreachable(error: unknown): Failure {
  return { kind: "unreachable", message: messageOf(error) };
}

/** One sentence for a log line or an event, without a full stop. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case "unreachable":
      return `the API server cannot be reached: ${failure.message}`;
    case "notJson":
      return `${failure.message}: ${failure.excerpt}`;
    case "unauthorized":
      return `the API server does not accept our credentials: ${failure.message}`;
    case "malformed":
      return `the API server's answer makes no sense: ${failure.message}`;
    default:
      return failure.message;
  }
}

type StatusName = Exclude<
  Failure["kind"],
  "budgetRefused" | "severalBudgets" | "terminatingNamespace" | "unreachable" | "notJson" | "malformed"
>;

const nameByReason: Readonly<Record<string, StatusName>> = {
  NotFound: "gone",
  Conflict: "conflict",
  AlreadyExists: "alreadyExists",
  Gone: "expired",
  Expired: "expired",
  Invalid: "invalid",
  Forbidden: "forbidden",
  Unauthorized: "unauthorized",
  TooManyRequests: "throttled",
  BadRequest: "badRequest",
  MethodNotAllowed: "badRequest",
  NotAcceptable: "badRequest",
  RequestEntityTooLarge: "badRequest",
  UnsupportedMediaType: "badRequest",
  InternalError: "serverError",
  ServerTimeout: "serverError",
  ServiceUnavailable: "serverError",
  StoreReadError: "serverError",
  Timeout: "serverError",
};

const nameByCode: ReadonlyMap<number, StatusName> = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "gone"],
  [408, "serverError"],
  [409, "conflict"],
  [410, "expired"],
  [422, "invalid"],
]);

function nameOf(reason: string, code: number): StatusName {
  if (code === 429) return "throttled";
  const byReason = Object.hasOwn(nameByReason, reason) ? nameByReason[reason] : undefined;
  return byReason ?? nameByCode.get(code) ?? (code >= 400 && code < 500 ? "badRequest" : "serverError");
}

/**
 * An answer that is not a `Status`: by its code where that is safe to believe. Gone, conflict and expired are facts
 * about objects that only the API server knows, so a proxy's word does not count.
 */
function readForeign(response: CollectedResponse, json: Json | undefined): Failure {
  const { status, headers, text } = response;
  const excerpt = excerptOf(text);
  const message = excerpt === "" ? `answered ${status}` : `answered ${status}: ${excerpt}`;
  const retryAfterMs = retryAfterHeader(headers);
  if (status === 429) return { kind: "throttled", message, retryAfterMs };
  if (status === 401) return { kind: "unauthorized", message };
  if (status === 403) return { kind: "forbidden", message };
  if (status === 408 || status >= 500) return { kind: "serverError", status, message, retryAfterMs };
  if (json === undefined) return notJson(response);
  return malformed(new Error(`answered ${status} without a Status: ${excerpt}`), json);
}

function notJson({ status, text }: CollectedResponse): Failure {
  return {
    kind: "notJson",
    status,
    message: `answered ${status} with something that is not JSON`,
    excerpt: excerptOf(text),
  };
}

function isFailureStatus(json: Json | undefined): json is JsonObject {
  return isJsonObject(json) && json["kind"] === "Status" && json["status"] !== "Success";
}

function budgetRefusal(
  status: JsonObject,
  { message, retryAfterMs }: { readonly message: string; readonly retryAfterMs: number | undefined },
): BudgetRefused | undefined {
  const causes = causesOf(status).filter((cause) => cause["reason"] === "DisruptionBudget");
  const texts = causes.map((cause) => textAt(cause, "message") ?? "").filter((text) => text !== "");
  if (causes.length === 0) return undefined;
  const text = texts.join(" ");
  const numbers = budgetNumbers.exec(text);
  const processing = budgetBeingProcessed.exec(text);
  return {
    kind: "budgetRefused",
    message: [message, ...texts].join(" "),
    budget: numbers?.[1] ?? processing?.[1],
    neededHealthy: numbers === null ? undefined : Number(numbers[2]),
    currentHealthy: numbers === null ? undefined : Number(numbers[3]),
    beingProcessed: numbers === null && processing !== null,
    retryAfterMs,
  };
}

const budgetNumbers = /disruption budget (\S+) needs (-?\d+) healthy pods and has (-?\d+) currently/;
const budgetBeingProcessed = /disruption budget (\S+) is still being processed/;
const severalBudgetsText = "more than one PodDisruptionBudget";

/** The API server writes a cause's type under the key `reason`. */
function isTerminatingNamespace(cause: JsonObject): boolean {
  return cause["reason"] === "NamespaceTerminating";
}

function causesOf(status: JsonObject): readonly JsonObject[] {
  const causes = readValue(status, "details.causes");
  return Array.isArray(causes) ? causes.filter((cause: Json) => isJsonObject(cause)) : [];
}

function retryAfter(status: JsonObject, headers: Readonly<Record<string, string>>): number | undefined {
  const seconds = readValue(status, "details.retryAfterSeconds");
  if (typeof seconds === "number" && seconds > 0) return Math.min(seconds * 1000, longestRetryAfterMs);
  return retryAfterHeader(headers);
}

/** Seconds only: the API server never sends the date form. */
function retryAfterHeader(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers["retry-after"] ?? "";
  return /^\d{1,9}$/.test(value) ? Math.min(Number(value) * 1000, longestRetryAfterMs) : undefined;
}

/** Whoever asks for more than an hour's silence is mistaken. */
const longestRetryAfterMs = 3_600_000;

/** A Status is read leniently: a field of an odd type is as good as absent. */
function textAt(object: JsonObject, path: string): string | undefined {
  try {
    const text = readOptionalString(object, path);
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

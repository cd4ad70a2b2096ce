import type { BudgetRefused, Failure } from "../answers.ts";
import { readOptionalString, readValue } from "../object.ts";
import { isJsonObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

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
  // The object is there and as it was supposed to be: a webhook chose the code.
  if (aboutObject.has(byName) && message.startsWith("admission webhook ")) return { kind: "invalid", message };
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

/** Whether an answer is the API server saying no. A deletion that was accepted is a Status too. */
export function isFailureStatus(json: Json | undefined): json is JsonObject {
  return isJsonObject(json) && json["kind"] === "Status" && json["status"] !== "Success";
}

type StatusName = Exclude<
  Failure["kind"],
  "budgetRefused" | "severalBudgets" | "terminatingNamespace" | "unreachable" | "notJson" | "malformed"
>;

/** Answers from which callers learn something about the object. */
const aboutObject: ReadonlySet<StatusName> = new Set(["gone", "conflict", "alreadyExists", "expired"]);

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

function budgetRefusal(
  status: JsonObject,
  { message, retryAfterMs }: { readonly message: string; readonly retryAfterMs: number | undefined },
): BudgetRefused | undefined {
  const causes = causesOf(status).filter((cause) => cause["reason"] === "DisruptionBudget");
  const texts = causes.map((cause) => textAt(cause, "message") ?? "").filter((text) => text !== "");
  if (causes.length === 0) return undefined;
  const text = texts.join(" ");
  const numbers = budgetNumbers.exec(text);
  const named = budgetName.exec(text);
  return {
    kind: "budgetRefused",
    message: [message, ...texts].join(" "),
    budget: named?.[1],
    neededHealthy: numbers === null ? undefined : Number(numbers[1]),
    currentHealthy: numbers === null ? undefined : Number(numbers[2]),
    beingProcessed: numbers === null && budgetBeingProcessed.test(text),
    retryAfterMs,
  };
}

const budgetName = /disruption budget (\S+) /;
const budgetNumbers = /disruption budget \S+ needs (-?\d+) healthy pods and has (-?\d+) currently/;
const budgetBeingProcessed = /disruption budget \S+ is still being processed/;
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

/** How long the header `Retry-After` asks to wait, in seconds only: the API server never sends the date form. */
export function retryAfterHeader(headers: Readonly<Record<string, string>>): number | undefined {
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

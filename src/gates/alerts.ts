import { isJsonObject, objectField, textField, type JsonObject } from "../core/json.ts";
import type { WebAnswer } from "../ports/web.ts";
import type { Expression } from "./expression.ts";
import { GateError } from "./gate.ts";

/** Which Prometheus, and which of its alerts count. */
export interface AlertOptions {
  /** As given with `--prometheus-url`: credentials in it become Basic authentication, a path is kept. */
  readonly url: string;
  /** Absent: every alert counts. */
  readonly filter?: Expression;
  /** Whether the filter names the alerts that count, instead of those that do not. */
  readonly matchOnly: boolean;
  /** Whether pending alerts do not count. */
  readonly firingOnly: boolean;
}

/**
 * The names of the alerts that count, each once and sorted, from an answer to the query `ALERTS`. Throws a
 * `GateError` for every answer that is not a whole and successful one: unknown means no.
 */
export function activeAlerts(answer: WebAnswer, options: Omit<AlertOptions, "url">): readonly string[] {
  const names = new Set<string>();
  for (const { alert, state, value } of samplesOf(answer)) {
    const counts = options.filter === undefined || options.filter.matches(alert) === options.matchOnly;
    // The series of an alert that is over is 0 until it ends; NaN is not zero.
    if (value !== 0 && counts && (!options.firingOnly || state === "firing")) names.add(alert);
  }
  return [...names].sort();
}

interface Sample {
  readonly alert: string;
  readonly state: string;
  /** NaN where it is NaN or infinite: all that matters is whether it is zero. */
  readonly value: number;
}

function samplesOf(answer: WebAnswer): readonly Sample[] {
  const data = dataOf(answer);
  const type = textField(data, "resultType");
  if (type !== "vector") throw new GateError(`unexpected value type ${JSON.stringify(type ?? "none")}`);
  const result = data["result"];
  if (!Array.isArray(result)) throw new GateError("bad_response: the vector is no list");
  return result.map(sampleOf).filter((sample) => sample !== undefined);
}

/** The `data` of a successful answer. Other codes than these never hold one, whatever their body says. */
function dataOf({ status, body }: WebAnswer): JsonObject {
  const readable = (status >= 200 && status < 300) || status === 400 || status === 422;
  if (!readable) throw new GateError(statusError(status));
  const reply = parse(body);
  if (textField(reply, "status") !== "success") {
    const type = textField(reply, "errorType") ?? "bad_response";
    throw new GateError(`${type}: ${excerpt(textField(reply, "error") ?? "no success and no error")}`);
  }
  if (status >= 400) throw new GateError(`bad_response: success with the code ${status}`);
  return objectField(reply, "data") ?? {};
}

function statusError(status: number): string {
  if (status >= 500) return `server_error: server error: ${status}`;
  if (status >= 400) return `client_error: client error: ${status}`;
  return `bad_response: bad response code ${status}`;
}

function parse(body: string): JsonObject {
  try {
    const reply: unknown = JSON.parse(body);
    if (isJsonObject(reply)) return reply;
  } catch {
    // Told below, as what is JSON and no object.
  }
  throw new GateError(`bad_response: not a JSON object: ${excerpt(body)}`);
}

/** Undefined for a series without a name of an alert. */
function sampleOf(item: unknown): Sample | undefined {
  const metric = isJsonObject(item) ? objectField(item, "metric") : undefined;
  const pair: unknown = isJsonObject(item) ? item["value"] : undefined;
  const text: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (metric === undefined || typeof text !== "string" || !number.test(text))
    throw new GateError(`bad_response: no sample: ${excerpt(JSON.stringify(item))}`);
  const alert = textField(metric, "alertname");
  return alert === undefined ? undefined : { alert, state: textField(metric, "alertstate") ?? "", value: Number(text) };
}

const number = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf|infinity)$/i;

function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

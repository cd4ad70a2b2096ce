import { instantField, parseInstant, parseJsonObject, textField } from "../json.ts";

/** On a Node: this node only. On the DaemonSet: the whole fleet. No new claim, eviction or approval. */
export const pauseAnnotation = "kured.dev/pause";
/** On a Node: like a pause, asked for by whoever looks after what runs there. */
export const holdAnnotation = "kured.dev/hold";

/** What a person asked for in an annotation: `true`, any reason, or JSON `{"until": …, "reason": …}`. */
export interface Request {
  readonly reason: string;
  /** Wall time at which the request ends by itself; absent means that somebody must remove it. */
  readonly untilMs?: number;
}

/**
 * Reads a request. What cannot be understood is a request without end that shows its text (rule 7); only an absent
 * annotation and the literal `false` are none.
 */
export function decodeRequest(text: string | undefined): Request | undefined {
  if (text === undefined || text === "false") return undefined;
  if (text === "" || text === "true") return { reason: "" };
  const parsed = parseJsonObject(text);
  if (parsed.kind === "not") {
    const untilMs = parseInstant(text);
    return untilMs === undefined ? { reason: text } : { reason: "", untilMs };
  }
  const untilMs = instantField(parsed.object, "until");
  const reason = textField(parsed.object, "reason") ?? (untilMs === undefined ? text : "");
  return { reason, ...(untilMs !== undefined && { untilMs }) };
}

/** The request, if it is in force at this wall time. */
export function inForce(request: Request | undefined, wallMs: number): Request | undefined {
  if (request?.untilMs !== undefined && request.untilMs <= wallMs) return undefined;
  return request;
}

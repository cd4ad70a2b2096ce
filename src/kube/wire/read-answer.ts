import type { Answer, Failure } from "../answers.ts";
import { MalformedError } from "../object.ts";
import type { Decode } from "../object.ts";
import { excerptOf, parseJson } from "./json.ts";
import type { Json } from "./json.ts";
import { isFailureStatus, readStatus, retryAfterHeader } from "./status.ts";

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

/** What cannot be decoded; the message is the error's. */
export function malformed(error: unknown, json: Json | undefined): Failure {
  const excerpt = error instanceof MalformedError ? error.excerpt : excerptOf(json);
  return { kind: "malformed", message: messageOf(error), excerpt };
}

/** No answer could be had: a `TransportError`, a deadline, an answer too large. */
export function unreachable(error: unknown): Failure {
  return { kind: "unreachable", message: messageOf(error) };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { numberAt } from "./objects/json.ts";
import type { Json } from "./objects/json.ts";
import type { Refused } from "./status.ts";
import type { Watch } from "./verbs/watch.ts";

/** What the server says to one request. */
export type Answer =
  /** All of it; the body is JSON, or text for the health endpoints. */
  | {
      readonly kind: "whole";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** A stream of lines that begins with `watch.open`. */
  | {
      readonly kind: "watch";
      readonly status: 200;
      readonly headers: Readonly<Record<string, string>>;
      readonly watch: Watch;
    };

/** A whole answer with a JSON body. */
export function jsonAnswer({
  code,
  body,
}: {
  readonly code: number;
  readonly body: Json;
}): Answer & { readonly kind: "whole" } {
  return { kind: "whole", status: code, headers: jsonHeaders, body: `${JSON.stringify(body)}\n` };
}

/** A whole answer in plain text, as the real server gives outside its API. */
export function textAnswer(code: number, body: string): Answer {
  return {
    kind: "whole",
    status: code,
    headers: { ...jsonHeaders, "content-type": "text/plain; charset=utf-8" },
    body,
  };
}

/** An answer whose body goes on for as long as the watch does. */
export function watchAnswer(watch: Watch): Answer {
  return { kind: "watch", status: 200, headers: jsonHeaders, watch };
}

/** A refusal's body is its Status; a hint about when to ask again becomes a header too. */
export function refusal({ code, status }: Refused): Answer {
  const answer = jsonAnswer({ code, body: status });
  const seconds = numberAt(status, "details", "retryAfterSeconds");
  return seconds === undefined ? answer : { ...answer, headers: { ...answer.headers, "retry-after": String(seconds) } };
}

const jsonHeaders = { "content-type": "application/json", "cache-control": "no-cache, private" };

import type { HttpResponse } from "../../../src/ports/transport.ts";
import type { Dice } from "../time/dice.ts";

/** A refusal that says nothing about any object, as an overloaded API server or a proxy before it gives. */
export type StormAnswer = Pick<HttpResponse, "status" | "headers"> & { readonly text: string };

const plain = { "content-type": "text/plain" };

const answers: readonly StormAnswer[] = [
  { status: 429, headers: { ...plain, "retry-after": "1" }, text: "Too many requests, please try again later.\n" },
  { status: 500, headers: plain, text: "internal server error" },
  { status: 502, headers: { "content-type": "text/html" }, text: "<html>bad gateway</html>" },
  { status: 503, headers: plain, text: "apiserver is shutting down" },
  {
    status: 504,
    headers: { "content-type": "application/json" },
    text: JSON.stringify({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      reason: "Timeout",
      message: "Timeout: request did not complete within the allotted timeout",
      code: 504,
    }),
  },
];

/** One of them. */
export function stormAnswer(dice: Dice): StormAnswer {
  return dice.pick(answers);
}

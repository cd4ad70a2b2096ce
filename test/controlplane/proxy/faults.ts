import type { ProxiedRequest } from "./requests.ts";

/** What happens to a request instead of being passed on and answered. */
export type Fault =
  /** The proxy answers by itself; the API server never sees the request. */
  | { readonly kind: "answer"; readonly answer: CannedAnswer }
  /** The API server acts, but its answer breaks off in the middle of its body (of a watch: after so many bytes). */
  | { readonly kind: "cut"; readonly afterBytes?: number }
  /** The connection breaks before the API server has seen the request. */
  | { readonly kind: "drop" }
  /** Nothing happens at all: the API server does not see the request, and whoever asked waits until they give up. */
  | { readonly kind: "silent" }
  /** Waits before passing it on, which happens even if whoever asked is gone by then: a write that is late. */
  | { readonly kind: "delay"; readonly delayMs: number };

export interface CannedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A fault and the requests that it strikes. */
export interface PlannedFault {
  readonly matches: (request: ProxiedRequest) => boolean;
  readonly fault: Fault;
  /** How often it strikes before it is spent; once unless given. */
  readonly times?: number;
}

/** The `Status` that an API server answers with, as a canned answer: `statusAnswer(410, "Expired")`. */
export function statusAnswer(
  code: number,
  reason: string,
  {
    message = `${reason}, says the proxy`,
    retryAfterSeconds,
  }: { readonly message?: string; readonly retryAfterSeconds?: number } = {},
): CannedAnswer {
  const details = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } };
  return {
    status: code,
    headers: {
      "content-type": "application/json",
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }),
    },
    body: JSON.stringify({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason,
      code,
      ...details,
    }),
  };
}

/** Answers 200 with something that is no JSON, as a captive portal or a broken load balancer does. */
export const NOT_JSON: CannedAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html><body>Welcome</body></html>",
};

/** The faults of one proxy, in the order in which they were planned. */
export class FaultPlan {
  readonly #planned: { readonly entry: PlannedFault; left: number }[] = [];

  add(entry: PlannedFault): void {
    this.#planned.push({ entry, left: entry.times ?? 1 });
  }

  /** The first fault that strikes this request, spent by one. */
  strike(request: ProxiedRequest): Fault | undefined {
    const hit = this.#planned.find(({ entry, left }) => left > 0 && entry.matches(request));
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.entry.fault;
  }

  clear(): void {
    this.#planned.length = 0;
  }
}

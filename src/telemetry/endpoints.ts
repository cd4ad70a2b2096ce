import type { InboundHandler, InboundResponse } from "../ports/inbound.ts";
import { contentTypes, expose, formatFor } from "./exposition.ts";
import type { MetricsRegistry } from "./metrics.ts";

/** One thing that must hold for us to be healthy or ready. */
export interface Check {
  readonly name: string;
  /** Why it does not hold, as a sentence for people, or `undefined`. Must not wait. */
  readonly fault: () => string | undefined;
}

/** What the endpoints show. */
export interface EndpointParts {
  readonly metrics: Pick<MetricsRegistry, "read">;
  /** While one of these fails, the kubelet should restart us: `/healthz`. */
  readonly health: readonly Check[];
  /** While one of these fails, nobody should count on us: `/readyz`. */
  readonly readiness: readonly Check[];
}

/** Answers for `/metrics`, `/healthz` and `/readyz`; every other path is kured's 404. The method does not matter. */
export function createEndpoints({ metrics, health, readiness }: EndpointParts): InboundHandler {
  return async ({ path, headers }) => {
    switch (path) {
      case "/metrics":
        return metricsAnswer(metrics, headers["accept"] ?? "");
      case "/healthz":
        return checksAnswer(health);
      case "/readyz":
        return checksAnswer(readiness);
      default:
        return plain(404, "404 page not found\n");
    }
  };
}

function metricsAnswer(metrics: Pick<MetricsRegistry, "read">, accept: string): InboundResponse {
  const format = formatFor(accept);
  return { status: 200, headers: { "content-type": contentTypes[format] }, body: expose(metrics.read(), format) };
}

function checksAnswer(checks: readonly Check[]): InboundResponse {
  const faults = checks.flatMap(({ name, fault }) => {
    const reason = reasonOf(fault);
    return reason === undefined ? [] : [`${name}: ${reason}\n`];
  });
  return faults.length === 0 ? plain(200, "ok\n") : plain(503, faults.join(""));
}

/** A check that breaks is not one that holds. */
function reasonOf(fault: Check["fault"]): string | undefined {
  try {
    return fault();
  } catch (error) {
    return String(error);
  }
}

function plain(status: number, body: string): InboundResponse {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body,
  };
}

import type { Settings } from "../config/settings.ts";
import type { Tasks } from "../loop/tasks.ts";
import { createEndpoints } from "../telemetry/endpoints.ts";
import type { Ports } from "./ports.ts";

/** What the endpoints say about us; faults are sentences. */
export interface Health {
  /** We have read what we need and are at work. */
  ready(): void;
  /** Adds a reason for which the kubelet should restart us, asked at each probe. */
  check(name: string, fault: () => string | undefined): void;
}

/** Serves metrics and health on kured's host and port for as long as `signal` lets it. */
export function serveEndpoints({
  ports,
  settings,
  signal,
  tasks,
}: {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly tasks: Tasks;
}): Health {
  let starting: string | undefined = "it is still starting";
  const health: { readonly name: string; readonly fault: () => string | undefined }[] = [];
  const handler = createEndpoints({
    metrics: ports.metrics,
    health,
    readiness: [{ name: "start", fault: () => starting }],
  });
  const { host, port } = settings.metrics;
  tasks.start(() => ports.inbound.serve(handler, { host, port, signal }));
  return {
    ready: () => {
      starting = undefined;
    },
    check: (name, fault) => void health.push({ name, fault }),
  };
}

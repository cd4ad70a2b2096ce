import type { Settings } from "../config/settings.ts";
import type { Tasks } from "../loop/tasks.ts";
import { createEndpoints } from "../telemetry/endpoints.ts";
import { createHealth, type Health } from "./health.ts";
import type { Ports } from "./ports.ts";

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
  const { metrics, inbound, clock } = ports;
  const health = createHealth(settings, clock);
  const read = () => {
    metrics.remove("kured_watch_age_seconds", { labels: {} });
    for (const [what, ageMs] of health.ages())
      metrics.set("kured_watch_age_seconds", { labels: { what }, value: ageMs / 1000 });
    return metrics.read();
  };
  const handler = createEndpoints({ metrics: { read }, ...health.checks });
  const { host, port } = settings.metrics;
  tasks.start(() => inbound.serve(handler, { host, port, signal }));
  return health;
}

import type { Clock } from "../ports/clock.ts";
import type { Commands } from "../ports/commands.ts";
import type { Files } from "../ports/files.ts";
import type { Host } from "../ports/host.ts";
import type { Inbound } from "../ports/inbound.ts";
import type { Log } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { OpenStream } from "../ports/stream.ts";
import type { Transport } from "../ports/transport.ts";
import type { Web } from "../ports/web.ts";
import type { MetricsRegistry } from "../telemetry/metrics.ts";

/** Everything that a process has from outside. `main.ts` makes the real ones, the demo and the simulator their own. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly commands: Commands;
  readonly host: Host;
  readonly transport: Transport;
  /** Servers outside the cluster: Prometheus, notification services. */
  readonly web: Web;
  /** Servers outside the cluster that speak no HTTP: MQTT brokers. */
  readonly openStream: OpenStream;
  readonly log: Log;
  readonly metrics: MetricsRegistry;
  readonly inbound: Inbound;
  /** Our own PATH, where programs of this container are looked for. */
  readonly searchPath: string;
}

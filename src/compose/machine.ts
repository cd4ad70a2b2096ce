import type { Settings } from "../config/settings.ts";
import { machineClock } from "../host/clock.ts";
import { machineCommands } from "../host/commands.ts";
import { machineFiles } from "../host/files.ts";
import { machineHost } from "../host/host.ts";
import { httpInbound } from "../host/inbound.ts";
import { machineRandom } from "../host/random.ts";
import { machineStreams } from "../host/network/stream.ts";
import { machineWeb } from "../host/network/web.ts";
import { inClusterConnection } from "../kube/connection/in-cluster.ts";
import { httpsTransport } from "../kube/https.ts";
import type { Log } from "../ports/log.ts";
import { families } from "../telemetry/families.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { processFigures } from "../telemetry/process-figures.ts";
import { version } from "../version.ts";
import type { Ports } from "./ports.ts";

/** The real ports of a process in a pod. Rejects with kured's sentence where there is no cluster around us. */
export async function machinePorts(
  settings: Settings,
  { env, log }: { readonly env: Readonly<Record<string, string | undefined>>; readonly log: Log },
): Promise<Ports> {
  const clock = machineClock();
  const files = machineFiles({ clock });
  const connection = await inClusterConnection({ environment: env, files, clock });
  const { bootIdFile } = settings.reboot;
  return {
    clock,
    files,
    random: machineRandom(),
    commands: machineCommands({ clock }),
    host: machineHost(bootIdFile === undefined ? {} : { bootIdFile }),
    transport: httpsTransport({ connection, clock, userAgent: `kured/${version}` }),
    web: machineWeb({ env, userAgent: `kured/${version}` }),
    openStream: machineStreams(),
    log,
    metrics: createMetrics(families, { collect: () => processFigures() }),
    inbound: httpInbound(),
    searchPath: env["PATH"] ?? "/usr/bin:/bin",
  };
}

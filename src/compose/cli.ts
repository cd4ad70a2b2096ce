import type { CommandEnd, OperatorParts } from "../cli/operator.ts";
import { printable } from "../cli/text/printable.ts";
import type { Settings } from "../config/settings.ts";
import { machineClock } from "../host/clock.ts";
import { machineCommands } from "../host/commands.ts";
import { machineFiles } from "../host/files.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import type { Connection } from "../kube/connection/connection.ts";
import { inClusterConnection } from "../kube/connection/in-cluster.ts";
import { kubeconfigConnection } from "../kube/connection/kubeconfig.ts";
import { httpsTransport } from "../kube/https.ts";
import type { Clock } from "../ports/clock.ts";
import type { Commands } from "../ports/commands.ts";
import type { Files } from "../ports/files.ts";
import { version } from "../version.ts";

/** What an operator's command has from outside. */
export interface CliParts {
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Of the terminal; absent where the output goes elsewhere. */
  readonly columns?: number | undefined;
  readonly warnings: readonly string[];
  readonly signal: AbortSignal;
}

/** What a command has besides that may change something, and wait for it. */
interface Writing {
  readonly client: KubeClient;
  readonly clock: Clock;
}

/** Runs one operator's command, from the search for the API server to the exit code. Never rejects. */
export async function composeCli(
  command: (parts: OperatorParts & Writing) => Promise<CommandEnd>,
  parts: CliParts,
): Promise<number> {
  const { settings, stdout, stderr, columns = 80, warnings } = parts;
  for (const warning of warnings) stderr(`kured ${settings.command}: ${printable(warning)}\n`);
  const end = await runCommand(command, { ...parts, width: Math.min(Math.max(columns, 60), 160) });
  if (end.kind === "shown") stdout(end.text);
  else stderr(`kured ${settings.command}: ${printable(end.sentence)}\n`);
  return end.kind === "shown" ? 0 : 1;
}

/** Somebody waits for the answer. */
const requestTimeoutMs = 10_000;

async function runCommand(
  command: (parts: OperatorParts & Writing) => Promise<CommandEnd>,
  { settings, env, width, signal }: CliParts & { readonly width: number },
): Promise<CommandEnd> {
  const clock = machineClock();
  const machine = { clock, files: machineFiles({ clock }), commands: machineCommands({ clock }) };
  try {
    const { connection, target } = await findApiServer(settings, { ...machine, env, signal });
    const transport = httpsTransport({ connection, clock, userAgent: `kured/${version}` });
    const client = kubeClient({ transport, clock, requestTimeoutMs });
    return await command({ client, clock, settings, target, width, signal });
  } catch (error) {
    return { kind: "failed", sentence: error instanceof Error ? error.message : String(error) };
  }
}

interface Found {
  readonly connection: Connection;
  /** For sentences. */
  readonly target: string;
}

interface SearchParts {
  readonly env: CliParts["env"];
  readonly clock: Clock;
  readonly files: Files;
  readonly commands: Commands;
  readonly signal: AbortSignal;
}

/** As kubectl does: the kubeconfig, or in a pod that has none, the cluster around it. */
async function findApiServer(settings: Settings, { env, ...parts }: SearchParts): Promise<Found> {
  const { path, context } = settings.kubeconfig;
  const named = path !== "" || context !== "" || (env["KUBECONFIG"] ?? "") !== "";
  if (!named && (env["KUBERNETES_SERVICE_HOST"] ?? "") !== "") {
    const home = await parts.files.look(`${env["HOME"] ?? ""}/.kube/config`);
    if (home.kind === "absent") {
      const connection = await inClusterConnection({ environment: env, ...parts });
      return { connection, target: `${connection.server}, the cluster around this pod` };
    }
  }
  const found = await kubeconfigConnection({
    environment: env,
    ...parts,
    ...(path === "" ? {} : { path }),
    ...(context === "" ? {} : { context }),
  });
  return { connection: found.connection, target: `${found.connection.server}, context "${found.context}"` };
}

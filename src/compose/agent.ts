import { attend } from "../agent/attend.ts";
import { createAgentHands } from "../agent/hands.ts";
import { createMachine, type Machine } from "../agent/machine.ts";
import { createSenses } from "../agent/senses.ts";
import { watchSelf } from "../agent/watch-self.ts";
import type { Settings } from "../config/settings.ts";
import { formatBoot } from "../core/boot/identity.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import { linkedSignal } from "../kube/wire/linked-signal.ts";
import { createTasks, type Tasks } from "../loop/tasks.ts";
import { rebooterFor } from "../rebooters/registry.ts";
import { shutdownPending } from "../rebooters/shutdown.ts";
import { sentinelFor } from "../sentinels/registry.ts";
import { ownerOf } from "./policy.ts";
import type { Ports } from "./ports.ts";
import { serveEndpoints } from "./serve.ts";

/**
 * The agent: looks at its machine's sentinel, reports what it finds on its own Node, and reboots when that has been
 * approved. Ends when `signal` aborts; rejects on what is fatal.
 */
export async function composeAgent(
  settings: Settings,
  { ports, signal }: { readonly ports: Ports; readonly signal: AbortSignal },
): Promise<void> {
  const { clock, random, log } = ports;
  const client = kubeClient({ transport: ports.transport, clock, requestTimeoutMs });
  const end = linkedSignal(signal);
  let fatal: unknown;
  const failed = (error: unknown) => {
    fatal ??= error;
    end.abort(error instanceof Error ? error : new Error(String(error)));
  };
  const tasks = createTasks({ signal: end.signal, failed });
  const health = serveEndpoints({ ports, settings, signal: end.signal, tasks });
  const node = settings.nodeId;
  const { machine } = await startAgent(settings, { ports, client, tasks, signal: end.signal });
  tasks.start(() => watchSelf({ machine, node, client, clock, random, log, signal: end.signal }));
  health.ready();
  await tasks.ended();
  end.finish();
  if (fatal !== undefined && !signal.aborted) throw fatal;
}

const requestTimeoutMs = 30_000;

/** The agent's loop and all that it stands on, also for classic, which is an agent too. */
export async function startAgent(
  settings: Settings,
  {
    ports,
    client,
    tasks,
    signal,
  }: { readonly ports: Ports; readonly client: KubeClient; readonly tasks: Tasks; readonly signal: AbortSignal },
): Promise<{ readonly machine: Machine }> {
  const { clock, random, log, metrics, commands, files, host, searchPath } = ports;
  const node = settings.nodeId;
  const sentinel = sentinelFor(sentinelOptions(settings), { files, commands });
  const rebooter = rebooterFor(rebooterOptions(settings), { commands, host, log, searchPath });
  const boot = formatBoot(await host.bootIdentity());
  const machine = createMachine({ clock, random, pod: settings.pod.uid, boot });
  const shared = { machine, client, node, clock, random, log, metrics, tasks, signal };
  const senses = createSenses({
    ...shared,
    sentinel,
    askShutdown: (options) => shutdownPending({ commands, ...options }),
    askImpediment: async (options) => {
      const found = await rebooter.available(options);
      return found.kind === "missing" ? found.reason : undefined;
    },
  });
  sentinel.watch?.({ changed: senses.sentinelChanged, signal });
  const hands = createAgentHands({ ...shared, rebooter });
  // A period of nothing means: look once, and when something changes.
  const periodMs = settings.periodMs > 0 ? settings.periodMs : Infinity;
  tasks.start(() => attend({ machine, policy: { owner: ownerOf(settings), periodMs }, clock, senses, hands, signal }));
  return { machine };
}

function sentinelOptions({ sentinel }: Settings): Parameters<typeof sentinelFor>[0] {
  if (sentinel.kind === "file") return { kind: "anywhereFile", path: sentinel.path };
  return { kind: "command", words: sentinel.command.words, timeoutMs: sentinel.timeoutMs };
}

function rebooterOptions({ reboot: { method } }: Settings): Parameters<typeof rebooterFor>[0] {
  if (method.kind === "signal") return method;
  return { kind: "command", words: method.command.words, timeoutMs: method.timeoutMs };
}

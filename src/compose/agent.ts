import { attend } from "../agent/attend.ts";
import { createAgentHands } from "../agent/hands.ts";
import { createMachine, type Machine } from "../agent/machine.ts";
import { createSenses } from "../agent/senses.ts";
import { watchSelf } from "../agent/watch-self.ts";
import type { Settings } from "../config/settings.ts";
import { formatBoot } from "../core/boot/identity.ts";
import { kubeClient, type KubeClient } from "../kube/client.ts";
import { createContacts, type Contacts } from "../loop/contacts.ts";
import { rebooterFor } from "../rebooters/registry.ts";
import { shutdownPending } from "../rebooters/shutdown.ts";
import { sentinelFor } from "../sentinels/registry.ts";
import { ownerOf } from "./policy.ts";
import type { Ports } from "./ports.ts";
import type { Health } from "./health.ts";
import { serveEndpoints } from "./serve.ts";
import { supervise, type Supervision } from "./supervise.ts";

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
  await supervise(signal, async (process) => {
    const health = serveEndpoints({ ports, settings, ...process });
    const contacts = createContacts(clock);
    health.decidesFrom(contacts);
    const machine = await startAgent(settings, { ports, client, process, health, contacts });
    health.ready();
    await watchSelf({ machine, node: settings.nodeId, client, contacts, clock, random, log, signal: process.signal });
  });
}

const requestTimeoutMs = 30_000;

/** What an agent's loop is wired to. */
interface AgentParts {
  readonly ports: Ports;
  readonly client: KubeClient;
  readonly process: Supervision;
  readonly health: Health;
  readonly contacts: Contacts;
}

/** The agent's loop and all that it stands on, also for classic, which is an agent too. */
export async function startAgent(
  settings: Settings,
  { ports, client, process, health, contacts }: AgentParts,
): Promise<Machine> {
  const { tasks, signal } = process;
  const { clock, random, log, metrics, commands, files, host, searchPath } = ports;
  const node = settings.nodeId;
  const sentinel = sentinelFor(sentinelOptions(settings), { files, commands });
  const rebooter = rebooterFor(rebooterOptions(settings), { commands, host, log, searchPath });
  const boot = formatBoot(await host.bootIdentity());
  const bootedAtMs = await host.bootedAtMs();
  const since = bootedAtMs === undefined ? {} : { bootedAtMs };
  const machine = createMachine({ clock, random, pod: settings.pod.uid, boot, ...since });
  health.comesRound("agent's loop", machine.lastRoundAtMs);
  const shared = { machine, client, node, contacts, clock, random, log, metrics, tasks, signal };
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
  const policy = { owner: ownerOf(settings), periodMs, rebootDeadlineMs: settings.reboot.deadlineMs };
  tasks.start(() => attend({ machine, policy, clock, senses, hands, signal }));
  return machine;
}

function sentinelOptions({ sentinel }: Settings): Parameters<typeof sentinelFor>[0] {
  if (sentinel.kind === "file") return { kind: "anywhereFile", path: sentinel.path };
  return { kind: "command", words: sentinel.command.words, timeoutMs: sentinel.timeoutMs };
}

function rebooterOptions({ reboot: { method } }: Settings): Parameters<typeof rebooterFor>[0] {
  if (method.kind === "signal") return method;
  return { kind: "command", words: method.command.words, timeoutMs: method.timeoutMs };
}

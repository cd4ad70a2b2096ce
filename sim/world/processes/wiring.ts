import type { Ports } from "../../../src/compose/ports.ts";
import { optionsOf } from "../../../src/config/options.ts";
import { StreamError } from "../../../src/ports/stream.ts";
import type { Transport } from "../../../src/ports/transport.ts";
import { families } from "../../../src/telemetry/families.ts";
import { createMetrics, type MetricsRegistry } from "../../../src/telemetry/metrics.ts";
import { transportFront } from "../../apiserver/fronts/transport.ts";
import { hostPorts } from "../hosts/host-ports.ts";
import type { Machine } from "../hosts/machine.ts";
import { link } from "../network/link.ts";
import { installation } from "../installation.ts";
import { actOf } from "../network/acts.ts";
import type { Container, Role, Workplace } from "./container.ts";
import { logTo, silentInbound, startIncarnation, type Incarnation } from "./incarnation.ts";
import { Life } from "./life.ts";
import { processClock } from "./process-clock.ts";
import type { Surroundings } from "./surroundings.ts";

/** One run of a container's process. */
export interface Run {
  readonly life: Life;
  readonly exited: (fault: string | undefined) => void;
  readonly world: Surroundings;
}

/** Starts the production code on this world's ports. */
export function startProcess(container: Container, { life, exited, world }: Run): Incarnation {
  const { workplace } = container;
  return startIncarnation({
    argv: argvOf(workplace, world),
    env: envOf(workplace),
    ports: portsOf(container, { life, world }),
    life,
    exited,
  });
}

function argvOf({ role }: Workplace, { flags: given }: Surroundings): readonly string[] {
  const names = [`--ds-name=${installation.daemonSet}`, `--ds-namespace=${installation.namespace}`];
  const flags = given().filter((flag) => known[role].has(flag.split("=")[0] ?? ""));
  return [...(role === "classic" ? [] : [role]), ...names, ...flags];
}

/** The flags that each daemon knows. */
const known = { agent: flagsOf("agent"), coordinator: flagsOf("coordinator"), classic: flagsOf("classic") };

function flagsOf(role: Role): ReadonlySet<string> {
  return new Set(optionsOf(role).map(({ name }) => `--${name}`));
}

function envOf({ machine, pod }: Workplace): Readonly<Record<string, string>> {
  return {
    KURED_NODE_ID: machine,
    KURED_POD_UID: pod.uid,
    KURED_POD_NAME: pod.name,
    KURED_POD_NAMESPACE: installation.namespace,
  };
}

function portsOf(container: Container, { life, world }: { readonly life: Life; readonly world: Surroundings }): Ports {
  const { timeline, network, server, dice } = world;
  const machine = machineOf(container, world);
  const own = dice.fork(`${container.name} ${container.runs}`);
  // As the API server reads it out of a pod's token.
  const user = { name: container.name, extra: { "authentication.kubernetes.io/node-name": [machine.name] } };
  const serverClock = processClock({ timeline, machine: machine.time, life: new Life() });
  return {
    clock: processClock({ timeline, machine: machine.time, life }),
    random: own.fork("random"),
    transport: overheard(container, {
      line: link({
        front: transportFront(server, { user, clock: serverClock, userAgent: "kured/simulated" }),
        timeline,
        network,
        dice: own.fork("link"),
        life,
        machine: machine.name,
        actOf: (request) => actOf(request, server),
        crashes: (act, moment) => world.crashes(container, act, moment),
      }),
      world,
    }),
    web: world.alarms.web(life),
    openStream: () => Promise.reject(new StreamError("nobody is there")),
    log: logTo(container.name, (line) => world.heard(line)),
    metrics: listenedTo(createMetrics(families), world.verdictTold),
    inbound: silentInbound,
    searchPath: "/bin",
    ...hostPorts({
      machine,
      timeline,
      life,
      dice: own.fork("host"),
      mountsSentinel: world.options.mountsSentinel,
      crashes: (command, moment) => world.crashes(container, `command ${command}`, moment),
      rebootAsked: () => world.rebootAsked(container),
    }),
  };
}

/** Everything that is asked over this line is told as it is asked. */
function overheard(
  container: Container,
  { line, world }: { readonly line: Transport; readonly world: Surroundings },
): Transport {
  return (request, options) => {
    const answer = line(request, options);
    world.sent({ container, request, answer });
    return answer;
  };
}

/** Every state of a node that a decider tells, however shortly it lasts. */
function listenedTo(metrics: MetricsRegistry, verdictTold: (code: string) => void): MetricsRegistry {
  return {
    ...metrics,
    set: (name, options) => {
      if (name === "kured_node_state") verdictTold(options.labels["code"] ?? "");
      metrics.set(name, options);
    },
  };
}

function machineOf({ workplace }: Container, { machines }: Surroundings): Machine {
  const machine = machines.get(workplace.machine);
  if (machine === undefined) throw new Error(`There is no machine ${workplace.machine}`);
  return machine;
}

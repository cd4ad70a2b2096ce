import type { Mode } from "../../test/cases/one-node.ts";
import { startAgent, startClassic, startCoordinator, type Site } from "../../test/cases/site.ts";
import { untilReported } from "../../test/cases/until.ts";
import type { Cluster } from "../../test/controlplane/cluster.ts";
import type { Daemon } from "../../test/controlplane/daemon.ts";
import { waitFor } from "../../test/controlplane/waits.ts";
import { requestsOf } from "./requests.ts";
import type { Subject } from "./subject.ts";

/** What every bench on the control plane is given. */
export interface Stage {
  readonly cluster: Cluster;
  readonly subjects: readonly [Subject, ...Subject[]];
  readonly repeats: number;
  /** Very small inputs, so that a test can see in seconds that it still runs. */
  readonly small: boolean;
  readonly signal: AbortSignal;
}

/** One way in which a program is measured; another program than ours knows kured's own mode only. */
export interface Contender {
  readonly mode: Mode;
  readonly subject: Subject;
}

/** Ours in both modes, and the other one, where there is one, beside our classic. */
export function contenders({ subjects: [ours, ...others] }: Stage): readonly Contender[] {
  return [
    { mode: "coordinated", subject: ours },
    ...[ours, ...others].map((subject): Contender => ({ mode: "classic", subject })),
  ];
}

/** Nodes and flags of the daemons on them, or of the coordinator. */
export interface KuredOptions extends Contender {
  readonly nodes?: readonly string[];
  readonly args?: readonly string[];
  readonly coordinatorArgs?: readonly string[];
  /**
   * Where the coordinator finds the API server, if not at its own port: others run beside it that are none of its
   * business.
   */
  readonly coordinatorPort?: number;
}

/** What is told of the start itself would else be counted with what is measured. */
async function untilAtRest(site: Site): Promise<void> {
  const quietMs = 2_000;
  const isQuiet = async () => {
    const { all } = await requestsOf(site, { fromMs: Date.now() - quietMs, toMs: Infinity });
    return all.length === 0;
  };
  await waitFor("daemons that ask for nothing", isQuiet, { signal: site.signal, everyMs: 500, timeoutMs: 60_000 });
}

/**
 * Starts what the mode needs for these nodes of a site, all under the site's accounts, and waits until it is at rest.
 */
export async function startKured(
  site: Site,
  { mode, subject, nodes = site.nodes, args = [], coordinatorArgs = [], coordinatorPort }: KuredOptions,
): Promise<readonly Daemon[]> {
  const daemon = { program: subject.program };
  const itsDaemon = { ...daemon, ...(coordinatorPort !== undefined && { port: coordinatorPort }) };
  const coordinator =
    mode === "coordinated" ? [await startCoordinator(site, { args: coordinatorArgs, daemon: itsDaemon })] : [];
  const start = mode === "classic" ? startClassic : startAgent;
  const onNodes = await Promise.all(nodes.map((node) => start(site, { node, args, daemon })));
  if (subject.which === "ours") {
    await untilReported(site, { nodes, need: "notRequired" });
    await untilAtRest(site);
  } else await Promise.all(onNodes.map((one) => one.waitForLine(/Reboot not required/)));
  return [...coordinator, ...onNodes];
}

/** Runs `work` as often as the stage says, each time with another number, and collects what it answers. */
export async function repeated<T>({ repeats }: Stage, work: (run: number) => Promise<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for (let run = 1; run <= repeats; run += 1) found.push(await work(run));
  return found;
}

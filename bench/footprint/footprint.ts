import { access, readFile, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onSite, startAgent, startClassic, startCoordinator, type Site } from "../../test/cases/site.ts";
import { freePort } from "../../test/controlplane/cluster/component.ts";
import type { Daemon } from "../../test/controlplane/daemon.ts";
import { waitFor } from "../../test/controlplane/waits.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { usedBy } from "../stage/cpu.ts";
import type { Stage } from "../stage/run.ts";
import { containerOf } from "./container.ts";

/** Which daemon, and for how long it is watched at rest. */
const roles = ["agent", "classic daemon", "coordinator"] as const;
type Role = (typeof roles)[number];

/** What one process was seen to take. */
interface Footprint {
  readonly startSeconds: number;
  readonly startCpuSeconds: number;
  readonly residentMegabytes: number;
  readonly anonymousMegabytes: number;
  /** NaN where there could be no cgroup. */
  readonly cgroupMegabytes: number;
  readonly workingSetMegabytes: number;
  readonly cpuSecondsAnHour: number;
}

/** Each daemon alone, after one look at the cluster and one at its metrics; on Node, and beside it on Bun if built. */
export async function benchFootprint(stage: Stage, { seconds }: { readonly seconds: number }): Promise<BenchResult> {
  const dist = dirname(stage.subjects[0].program);
  const bun = join(dist, "kured-bun");
  const hasBun = await access(bun).then(
    () => true,
    () => false,
  );
  const figures: Figure[] = [];
  for (const role of roles) {
    const node = await measured(stage, { role, artefact: join(dist, "kured"), seconds });
    const other = hasBun ? await measured(stage, { role, artefact: bun, seconds }) : undefined;
    figures.push(...figuresOf(role, { node, other }));
  }
  return {
    input: [
      `One of each alone with a copy of its files of its own, ${stage.repeats} times; every daemon is ready, has looked at the cluster and been asked for its metrics, and rests for ${seconds} s before it is measured.`,
      "Ours is dist/kured (Node), other is dist/kured-bun (Bun); both of the same source.",
      "Resident and anonymous by /proc; cgroup: all that a memory cgroup is charged with, of which the working set is what a kubelet holds against a limit. An hour's processor time is that of the rest, times 3600 s by the seconds.",
    ],
    figures,
  };
}

function figuresOf(
  role: Role,
  { node, other }: { readonly node: readonly Footprint[]; readonly other: readonly Footprint[] | undefined },
): readonly Figure[] {
  const figure = (
    name: string,
    { of, unit, atMost }: { readonly of: keyof Footprint; readonly unit: string; readonly atMost?: number },
  ): Figure => ({
    name: `footprint/${role}/${name}`,
    unit,
    ours: node.map((one) => one[of]),
    ...(other && { other: other.map((one) => one[of]) }),
    ...(atMost !== undefined && role === "agent" && { goal: { atMost } }),
  });
  return [
    figure("resident", { of: "residentMegabytes", unit: "MB", atMost: 60 }),
    figure("anonymous", { of: "anonymousMegabytes", unit: "MB", atMost: 16 }),
    figure("cgroup", { of: "cgroupMegabytes", unit: "MB" }),
    figure("cgroup, working set", { of: "workingSetMegabytes", unit: "MB" }),
    figure("from its start until it is ready", { of: "startSeconds", unit: "s" }),
    figure("processor until then", { of: "startCpuSeconds", unit: "s" }),
    figure("processor in an hour at rest", { of: "cpuSecondsAnHour", unit: "s" }),
  ].filter(({ ours }) => ours.every(Number.isFinite));
}

async function measured(
  stage: Stage,
  { role, artefact, seconds }: { readonly role: Role; readonly artefact: string; readonly seconds: number },
): Promise<readonly Footprint[]> {
  const { cluster, repeats, signal } = stage;
  const found: Footprint[] = [];
  for (let run = 1; run <= repeats; run += 1) {
    const container = await containerOf(artefact);
    const name = `fp-${role.slice(0, 2)}-${artefact.endsWith("bun") ? "bun" : "node"}-${run}`;
    try {
      await onSite({ cluster, name, nodes: 1, signal }, async (site) => {
        const port = await freePort();
        await site.grantCoordination();
        const started = await start(site, { role, program: container.program, port });
        await sleep(Math.min(seconds, 15) * 1000, undefined, { signal });
        const fromSeconds = await cpuSeconds(started.daemon);
        await sleep(seconds * 1000, undefined, { signal });
        const used = (await cpuSeconds(started.daemon)) - fromSeconds;
        const { residentMegabytes, anonymousMegabytes } = await usedBy(started.daemon);
        const charged = await container.memory();
        found.push({
          startSeconds: started.seconds,
          startCpuSeconds: started.cpuSeconds,
          residentMegabytes,
          anonymousMegabytes,
          cgroupMegabytes: charged?.allMegabytes ?? NaN,
          workingSetMegabytes: charged?.workingSetMegabytes ?? NaN,
          cpuSecondsAnHour: (used * 3600) / seconds,
        });
      });
    } finally {
      await container.stop();
    }
  }
  return found;
}

/** Resolves once it is ready and has shown its metrics. */
async function start(
  site: Site,
  { role, program, port }: { readonly role: Role; readonly program: string; readonly port: number },
) {
  const [node = ""] = site.nodes;
  const options = { node, args: [`--metrics-port=${port}`], daemon: { program } };
  const starts = {
    agent: () => startAgent(site, options),
    "classic daemon": () => startClassic(site, options),
    coordinator: () => startCoordinator(site, options),
  };
  const daemon = await starts[role]();
  const fromMs = performance.now();
  await waitFor("the daemon to be ready", () => isReady(port), { signal: site.signal, timeoutMs: 60_000, everyMs: 10 });
  const seconds = (performance.now() - fromMs) / 1000;
  const used = { daemon, seconds, cpuSeconds: await cpuSeconds(daemon) };
  await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return used;
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    await answer.text();
    return answer.ok;
  } catch {
    return false; // Nobody listens yet.
  }
}

/** Of all threads; the scheduler counts in nanoseconds where `/proc/PID/stat` counts in hundredths of a second. */
async function cpuSeconds(daemon: Daemon): Promise<number> {
  const threads = `/proc/${daemon.pid()}/task`;
  const each = (await readdir(threads)).map(async (thread) => {
    const [nanoseconds = ""] = (await readFile(join(threads, thread, "schedstat"), "utf8")).split(" ");
    return Number(nanoseconds) / 1e9;
  });
  return (await Promise.all(each)).reduce((sum, one) => sum + one, 0);
}

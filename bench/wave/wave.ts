import { setTimeout as sleep } from "node:timers/promises";
import { modes } from "../../test/cases/one-node.ts";
import { onSite, type Site } from "../../test/cases/site.ts";
import { untilRolledOut } from "../../test/cases/until.ts";
import { samplesOf } from "../report/by-subject.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { kindsOf, requestsOf } from "../stage/requests.ts";
import { contenders, repeated, startKured, type Contender, type Stage } from "../stage/run.ts";

interface WaveSeen {
  readonly msANode: number;
  readonly requestsANode: number;
  readonly kinds: string;
}

/** All nodes want a reboot at once and are empty: what is left is the reboot and the hand-off. */
export async function benchWave(stage: Stage): Promise<BenchResult> {
  const nodes = stage.small ? 2 : 4;
  const seen: { readonly contender: Contender; readonly runs: readonly WaveSeen[] }[] = [];
  for (const contender of contenders(stage))
    seen.push({ contender, runs: await repeated(stage, (run) => waveOnce(stage, { contender, nodes, run })) });
  const figures = modes.flatMap((mode): readonly Figure[] => {
    const name = `wave/${mode}/${nodes} nodes`;
    const ofMode = seen
      .filter(({ contender }) => contender.mode === mode)
      .map(({ contender, runs }) => ({ which: contender.subject.which, runs }));
    return [
      {
        name: `${name}/a node`,
        unit: "s",
        goal: { atMost: mode === "coordinated" ? 3 : 5 },
        ...samplesOf(ofMode, ({ msANode }) => msANode / 1000),
      },
      { name: `${name}/requests a node`, unit: "", ...samplesOf(ofMode, ({ requestsANode }) => requestsANode) },
    ];
  });
  return {
    input: [
      `${nodes} nodes without pods, whose reboot takes 2 s, all in need at the same instant; classic with --period=10s.`,
      `Daemons started and at rest; ${stage.repeats} runs each. A node's part is all the time until the last gave the lock back, by their number.`,
      "Requests: of all of kured's accounts, Leases apart.",
      ...seen.map(
        ({ contender, runs }) =>
          `Requests of the first run: ${contender.subject.which}, ${contender.mode}: ${runs[0]?.kinds ?? ""}.`,
      ),
    ],
    figures,
  };
}

async function waveOnce(
  { cluster, signal }: Stage,
  { contender, nodes, run }: { readonly contender: Contender; readonly nodes: number; readonly run: number },
): Promise<WaveSeen> {
  const name = `w-${contender.mode.slice(0, 2)}-${contender.subject.which}-${run}`;
  const host = { reboot: { kind: "boots", shutdownMs: 500, downMs: 1_500 } } as const;
  let seen: WaveSeen | undefined;
  await onSite({ cluster, name, nodes, host, signal }, async (site) => {
    await startKured(site, contender);
    const fromMs = Date.now();
    await Promise.all(site.nodes.map((node) => site.host(node).requireReboot()));
    // Seldom, so that our own questions do not keep the API server busy.
    await untilRolledOut(site, { meanwhile: () => sleep(500, undefined, { signal }), timeoutMs: 900_000 });
    const toMs = await releasedAtMs(site);
    const { all } = await requestsOf(site, { fromMs, toMs });
    seen = { msANode: (toMs - fromMs) / nodes, requestsANode: all.length / nodes, kinds: kindsOf(all) };
  });
  if (seen === undefined) throw new Error(`${name} did not end`);
  return seen;
}

/** When the last write of the lock was answered. */
async function releasedAtMs(site: Site): Promise<number> {
  const { all } = await requestsOf(site, { fromMs: 0, toMs: Infinity });
  const writes = all.filter(
    ({ verb, object, code }) =>
      object.resource === "daemonsets" && (verb === "update" || verb === "patch") && code === 200,
  );
  return Math.max(...writes.map(({ completedAt }) => completedAt.getTime()));
}

import { setTimeout as sleep } from "node:timers/promises";
import { evictionsOn } from "../../test/cases/evictions.ts";
import { modes } from "../../test/cases/one-node.ts";
import { addWorkload, onSite, siteProxy } from "../../test/cases/site.ts";
import { waitFor } from "../../test/controlplane/waits.ts";
import { samplesOf } from "../report/by-subject.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { kindsOf, requestsOf } from "../stage/requests.ts";
import { contenders, startKured, type Contender, type Stage } from "../stage/run.ts";

interface BlockedSeen {
  readonly requests: number;
  readonly leases: number;
  readonly kinds: string;
}

/** A drain that a budget holds back for ever: what kured asks of the API server meanwhile. */
export async function benchBlocked(stage: Stage): Promise<BenchResult> {
  const pods = stage.small ? 2 : 10;
  const forMs = stage.small ? 3_000 : 60_000;
  // Only requests are counted, so that all runs may wait at the same time.
  const runsOf = async (contender: Contender): Promise<{ contender: Contender; runs: readonly BlockedSeen[] }> => {
    const runs = Array.from({ length: stage.repeats }, (_, run) => blockedOnce(stage, { contender, pods, forMs, run }));
    return { contender, runs: await Promise.all(runs) };
  };
  const seen = await Promise.all(contenders(stage).map(runsOf));
  const figures = modes.flatMap((mode): readonly Figure[] => {
    const ofMode = seen
      .filter(({ contender }) => contender.mode === mode)
      .map(({ contender, runs }) => ({ which: contender.subject.which, runs }));
    return [
      {
        name: `blocked/${mode}/requests in ${forMs / 1000} s`,
        unit: "",
        goal: { atMost: 15 },
        ...samplesOf(ofMode, ({ requests }) => requests),
      },
      { name: `blocked/${mode}/Lease renewals beside them`, unit: "", ...samplesOf(ofMode, ({ leases }) => leases) },
    ];
  });
  return {
    input: [
      `${pods} pods on one node under one budget that allows no disruption; counted from the first refused eviction on.`,
      `Daemons started and at rest before the need; ${stage.repeats} runs each, all at the same time; of all of kured's accounts.`,
      ...seen.map(
        ({ contender, runs }) =>
          `Requests of the first run: ${contender.subject.which}, ${contender.mode}: ${runs[0]?.kinds ?? ""}.`,
      ),
    ],
    figures,
  };
}

interface BlockedOptions {
  readonly contender: Contender;
  readonly pods: number;
  readonly forMs: number;
  readonly run: number;
}

async function blockedOnce(
  { cluster, signal }: Stage,
  { contender, pods, forMs, run }: BlockedOptions,
): Promise<BlockedSeen> {
  const name = `b-${contender.mode.slice(0, 2)}-${contender.subject.which}-${run}`;
  let seen: BlockedSeen | undefined;
  await onSite({ cluster, name, nodes: 1, signal }, async (site) => {
    await addWorkload(site, { replicas: pods, budget: { minAvailable: pods } });
    // A drain that has no hope would not be begun.
    const { port } = await siteProxy(site);
    await startKured(site, { ...contender, coordinatorArgs: ["--drain-feasibility=warn"], coordinatorPort: port });
    for (const node of site.nodes) await site.host(node).requireReboot();
    const refused = async () => (await evictionsOn(site)).find(({ code }) => code === 429);
    const first = await waitFor("the first refused eviction", refused, { signal, timeoutMs: 60_000 });
    const interval = { fromMs: first.askedAtMs, toMs: first.askedAtMs + forMs };
    await sleep(interval.toMs - Date.now(), undefined, { signal });
    const { all, leases } = await requestsOf(site, interval);
    seen = { requests: all.length, leases, kinds: kindsOf(all) };
  });
  if (seen === undefined) throw new Error(`${name} did not end`);
  return seen;
}

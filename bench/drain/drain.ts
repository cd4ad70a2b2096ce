import { modes, type Mode } from "../../test/cases/one-node.ts";
import { waitFor } from "../../test/controlplane/waits.ts";
import { samplesOf, type SeenOf } from "../report/by-subject.ts";
import type { BenchResult, Figure } from "../report/figure.ts";
import { median } from "../report/statistics.ts";
import { usedBy } from "../stage/cpu.ts";
import { contenders, repeated, startKured, type Contender, type Stage } from "../stage/run.ts";
import { evictPlainly } from "./bound.ts";
import { onFilledNode } from "./filled.ts";
import { drainSeen, evictionsMs, type DrainSeen } from "./seen.ts";

/** kured 1.23 evicts five pods a second: a tenth of that time is the goal. */
const secondsPerPodMax = 1 / 5 / 10;

/** One node is drained of its pods, which stop at once and are replaced on another node. */
export async function benchDrain(stage: Stage, sizes: readonly number[]): Promise<BenchResult> {
  const drains: DrainsOf[] = [];
  for (const pods of sizes) drains.push(await drainsOf(stage, pods));
  const kinds = drains.flatMap(({ pods, seen }) =>
    seen.map(({ mode, which, runs }) => `${which}, ${mode}, ${pods} pods: ${runs[0]?.kinds ?? ""}.`),
  );
  return {
    input: [
      "One node with the pods of a Deployment, without a budget, that stop at once; replaced on a second node.",
      `Daemons freshly started (no connection but the first is warm), ${stage.repeats} runs each on nodes of their own.`,
      "Bound: the same pods evicted by nothing but 30 requests at a time, on the same machine between the other runs.",
      "Evictions: from the arrival of the first to the deletion of the last pod. Drain: from the cordon to the reboot command.",
      "Requests: of all of kured's accounts from the cordon to the reboot command, Leases apart.",
      ...kinds.map((line) => `Requests of the first run: ${line}`),
    ],
    figures: drains.flatMap((one) => [
      { name: `drain/bound/${one.pods} pods/evictions`, unit: "s", ours: one.boundSeconds },
      ...modes.flatMap((mode) => figuresOf(one, mode)),
    ]),
  };
}

/** Drains of a node with so many pods. */
interface DrainsOf {
  readonly pods: number;
  readonly boundSeconds: readonly number[];
  readonly seen: readonly (SeenOf<DrainSeen> & { readonly mode: Mode })[];
}

async function drainsOf(stage: Stage, pods: number): Promise<DrainsOf> {
  const boundSeconds = await repeated(stage, (run) =>
    onFilledNode(stage, { name: `d${pods}-bound-${run}`, pods }, async (site, node) => {
      await evictPlainly(site, { node });
      const wait = { signal: stage.signal, everyMs: 500 };
      return (await waitFor("every pod to be gone", () => evictionsMs(site, { pods }), wait)) / 1000;
    }),
  );
  const seen: (SeenOf<DrainSeen> & { readonly mode: Mode })[] = [];
  for (const contender of contenders(stage)) {
    const { mode, subject } = contender;
    const prefix = `d${pods}-${mode.slice(0, 2)}-${subject.which}`;
    const runs = await repeated(stage, (run) => drainOnce(stage, { ...contender, name: `${prefix}-${run}`, pods }));
    seen.push({ mode, which: subject.which, runs });
  }
  return { pods, boundSeconds, seen };
}

function drainOnce(
  stage: Stage,
  one: Contender & { readonly name: string; readonly pods: number },
): Promise<DrainSeen> {
  return onFilledNode(stage, one, async (site, node) => {
    const [decider] = await startKured(site, { ...one, nodes: [node] });
    const before = decider && (await usedBy(decider));
    await site.host(node).requireReboot();
    await site.host(node).untilBooted(2, { timeoutMs: 300_000 });
    // A classic daemon has died with its machine, and its successor counts from nothing.
    const after = decider && one.mode === "coordinated" ? await usedBy(decider) : before;
    const cpuSeconds = (after?.cpuSeconds ?? NaN) - (before?.cpuSeconds ?? NaN);
    return { ...(await drainSeen(site, { node, pods: one.pods })), cpuSeconds };
  });
}

function figuresOf({ pods, boundSeconds, seen }: DrainsOf, mode: Mode): readonly Figure[] {
  const name = `drain/${mode}/${pods} pods`;
  const ofMode = seen.filter((one) => one.mode === mode);
  const bound = median(boundSeconds);
  const seconds = samplesOf(ofMode, (one) => one.evictionsMs / 1000);
  return [
    { name: `${name}/evictions`, unit: "s", ...seconds },
    { name: `${name}/evictions by the bound`, unit: "", ...samplesOf(ofMode, (one) => one.evictionsMs / 1000 / bound) },
    {
      name: `${name}/drain`,
      unit: "s",
      goal: { atMost: pods * secondsPerPodMax },
      ...samplesOf(ofMode, ({ drainMs }) => drainMs / 1000),
    },
    {
      name: `${name}/requests a pod`,
      unit: "",
      goal: { atMost: 1.3 },
      ...samplesOf(ofMode, ({ requests }) => requests / pods),
    },
    ...(mode === "classic"
      ? []
      : [
          {
            name: `${name}/processor time of the coordinator`,
            unit: "s",
            ...samplesOf(ofMode, (one) => one.cpuSeconds),
          },
        ]),
  ];
}

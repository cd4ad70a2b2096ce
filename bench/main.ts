import { parseArgs } from "node:util";
import { startCluster } from "../test/controlplane/cluster.ts";
import { benchBlocked } from "./blocked/blocked.ts";
import { benchDrain } from "./drain/drain.ts";
import { benchDecide } from "./fleet/decide.ts";
import { benchIdle } from "./idle/idle.ts";
import type { BenchResult } from "./report/figure.ts";
import { renderResult } from "./report/print.ts";
import { describeMachine } from "./stage/machine.ts";
import type { Stage } from "./stage/run.ts";
import { findSubjects } from "./stage/subject.ts";
import { benchWave } from "./wave/wave.ts";

/** What the command line may say beside the names of benches. */
interface Wish {
  readonly repeats: number;
  readonly small: boolean;
  readonly seconds: number;
  /** Pods of a drain, nodes of a fleet. */
  readonly sizes?: readonly number[];
}

const benches: Readonly<Record<string, (wish: Wish) => Promise<BenchResult>>> = {
  drain: (wish) => onStage(wish, (stage) => benchDrain(stage, wish.sizes ?? (wish.small ? [5] : [30, 110, 250]))),
  wave: (wish) => onStage(wish, benchWave),
  blocked: (wish) => onStage(wish, benchBlocked),
  idle: (wish) => onStage(wish, (stage) => benchIdle(stage, wish)),
  decide: ({ small, sizes = small ? [20] : [1_000, 5_000] }) =>
    Promise.resolve(benchDecide({ sizes, calls: small ? 10 : 200 })),
};

/** On a control plane of its own, which is gone afterwards. */
async function onStage(wish: Wish, work: (stage: Stage) => Promise<BenchResult>): Promise<BenchResult> {
  const subjects = await findSubjects();
  const ending = new AbortController();
  const { signal } = ending;
  const cluster = await startCluster({ signal, log: (line) => console.error(line) });
  try {
    return await work({ ...wish, cluster, subjects, signal });
  } finally {
    await cluster.stop();
    ending.abort(new Error("The bench is over"));
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    repeats: { type: "string", default: "3" },
    seconds: { type: "string" },
    sizes: { type: "string" },
    small: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0)
  throw new Error(`There is no bench ${unknown.join(", ")}, only ${Object.keys(benches).join(", ")}`);
const { small } = values;
const wish: Wish = {
  small,
  repeats: small ? 1 : Number(values.repeats),
  seconds: Number(values.seconds ?? (small ? 1 : 300)),
  ...(values.sizes !== undefined && { sizes: values.sizes.split(",").map(Number) }),
};
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const machine = describeMachine();
  const { input, figures } = (await benches[name]?.(wish)) ?? { input: [], figures: [] };
  console.log(renderResult(name, { input: [machine, ...input], figures }));
}

import { parseArgs } from "node:util";
import { programUnderTest } from "../cases/site.ts";
import type { Mode } from "../cases/one-node.ts";
import { startCluster } from "../controlplane/cluster.ts";
import { soak } from "./soak.ts";
import { soakSimulated } from "./simulated.ts";
import { courseLine, faultsOf, leak, summaryOf } from "./summary.ts";

// npm run soak -- --minutes 10 --mode both --seed 1: kured on a real control plane under random faults;
// with --simulated-hours 2 in the simulator.

const usage = "npm run soak -- [--minutes 10 | --simulated-hours 2] [--mode classic|coordinated|both] [--seed 1]";
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    /** In virtual time instead, without a control plane. */
    "simulated-hours": { type: "string" },
    mode: { type: "string", default: "both" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const simulated = values["simulated-hours"];
const [length, seed, modes] = [Number(simulated ?? values.minutes), Number(values.seed), modesOf(values.mode)];
if (!(length > 0) || !Number.isInteger(seed) || modes === undefined) throw new Error(usage);

const tell = (line: string): void => console.log(line);
const faults = simulated === undefined ? await soakReal(length, modes) : await soakVirtual(length, modes);
for (const fault of faults) tell(`FAULT ${fault}`);
tell(faults.length === 0 ? "nothing left behind, no reboot doubled, memory flat" : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function soakReal(minutes: number, wanted: readonly Mode[]): Promise<readonly string[]> {
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort(new Error("interrupted")));
  tell(`soak of ${programUnderTest()}: ${minutes} minutes, ${wanted.join(" and ")}, seed ${seed}`);
  const cluster = await startCluster({ signal: ending.signal, log: tell });
  try {
    const end = await soak({ cluster, modes: wanted, minutes, seed, signal: ending.signal, tell });
    for (const line of summaryOf(end)) tell(line);
    return faultsOf(end);
  } finally {
    await cluster.stop();
    ending.abort(new Error("The soak is over"));
  }
}

async function soakVirtual(hours: number, wanted: readonly Mode[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const mode of wanted) {
    const { reboots, faults: broken, heap } = await soakSimulated(mode, { hours, seed });
    tell(`${mode}: ${reboots} reboots in ${hours} simulated hours, seed ${seed}`);
    if (heap !== undefined) tell(`  heap in use by virtual time, ${courseLine(heap)}`);
    found.push(...broken.map((fault) => `${mode}: ${fault}`), ...(heap === undefined ? [] : leak(heap)));
    if (heap === undefined) found.push(`${mode}: the world ended before its memory could be judged`);
    if (reboots === 0) found.push(`${mode}: nothing was rebooted at all`);
  }
  return found;
}

function modesOf(text: string): readonly Mode[] | undefined {
  if (text === "both") return ["classic", "coordinated"];
  return text === "classic" || text === "coordinated" ? [text] : undefined;
}

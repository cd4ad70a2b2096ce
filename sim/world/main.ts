import { parseArgs } from "node:util";
import { drawWorld } from "./draw.ts";
import { runWorld } from "./run.ts";
const { values } = parseArgs({
  options: { seeds: { type: "string" }, seed: { type: "string" }, log: { type: "boolean" } },
});
Error.stackTraceLimit = values.log ? 30 : 0;
const first = Number(values.seed ?? 1);
const startedAt = performance.now();
let simulated = 0;
for (let seed = first; seed < first + Number(values.seeds ?? 1); seed++) {
  const options = drawWorld(seed);
  const lines: string[] = [];
  const ending = await runWorld(options, values.log ? (line) => void lines.push(line) : undefined);
  if (process.env["T"])
    process.stdout.write(
      `${seed} ${options.mode} ${options.nodes.length} ${Math.round(ending.simulatedMs / 60000)} min sim, cpu ${Math.round(process.cpuUsage().user / 1000)} requests ${Object.entries(
        ending.counts,
      )
        .filter(([k]) => k.startsWith("act"))
        .sort((a, b) => b[1] - a[1])
        .slice(0, 5)
        .join(" ")}\n`,
    );
  simulated += ending.simulatedMs * options.nodes.length;
  if (values.log) process.stdout.write(`${lines.join("\n")}\n`);
  if (ending.broken.length + ending.unfinished.length > 0)
    process.stdout.write(
      `${seed} ${options.mode} ${ending.broken.join("; ")} | ${ending.unfinished.join("; ")} | ${options.flags.join(" ")}\n`,
    );
}
process.stdout.write(
  `${Math.round(simulated / 3600_000)} node-hours in ${Math.round(performance.now() - startedAt)} ms\n`,
);

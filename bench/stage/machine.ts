import { availableParallelism, cpus, loadavg } from "node:os";

/** The machine in one sentence, with how busy others keep it: above one waiting process a core, times say little. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const [loadMinute = 0] = loadavg();
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const shared = loadMinute > cores / 2 ? "; others keep it busy, so that times are rough and requests exact" : "";
  return `${cores} cores (${model}), Node ${process.versions.node}, load ${loadMinute.toFixed(1)} at the beginning${shared}.`;
}

import type { RecordStep } from "../../action.ts";
import { recordAnnotation } from "../../fleet/record.ts";
import { reportAnnotation } from "../../fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../fleet/request.ts";
import { formatCreated } from "../../lock/created.ts";
import { parseLedger } from "../../lock/ledger.ts";
import type { CommandMode, Host } from "./agent/host.ts";
import type { GateSays } from "./gates.ts";
import { lookAfter, mend, registerAgain, setWindow } from "./mending.ts";
import { World, type WorldSpec } from "./world.ts";

/** What goes wrong, or what people do; each some time after the one before. */
export type Mishap = { readonly afterMs: number; readonly node: number } & (
  | { readonly kind: "killDecider"; readonly which: number }
  | { readonly kind: "killAgent" }
  | { readonly kind: "killAtWrite"; readonly inWrites: number; readonly applied: boolean }
  | { readonly kind: "elect"; readonly which: number; readonly overlapMs: number }
  | { readonly kind: "stallWatch"; readonly which: number; readonly lagMs: number }
  | { readonly kind: "outage"; readonly forMs: number }
  | { readonly kind: "pauseFleet" | "resumeFleet" | "pauseNode" | "holdNode" | "releaseNode" }
  | { readonly kind: "cordon" | "uncordon" }
  | { readonly kind: "deleteRecord" | "deleteReport" | "garbageRecord" | "garbageReport" | "foreignRecord" }
  | { readonly kind: "deleteLock" | "manualLock" | "garbageLock" | "emptyList" }
  | { readonly kind: "foreignLock"; readonly expired: boolean; readonly cordoned: boolean }
  | { readonly kind: "gate"; readonly gate: "alerts" | "pods"; readonly says: GateSays }
  | { readonly kind: "closeWindow" | "openWindow" | "closeBudget" | "openBudget" }
  | { readonly kind: "sneakyPod" | "rebootByHand" | "replaceAgent" | "needAppears" | "needVanishes" | "needUnknown" }
  | { readonly kind: "command"; readonly mode: CommandMode }
  /** Right after the next write of that step on the node, which random times hardly ever hit. */
  | { readonly kind: "atStep"; readonly step: RecordStep; readonly delayMs: number; readonly what: Mishap }
  | { readonly kind: "silence" | "stubborn" | "notReady" | "deleteNode" | "registerAgain" }
);

/** How a history ended: rules that were broken, and what is left undone although nothing is wrong any more. */
export interface Ending {
  readonly broken: readonly string[];
  readonly leftovers: readonly string[];
  readonly world: World;
}

/** Lets everything happen, then mends what was broken, and lets kured finish its work. */
export function runHistory(
  spec: WorldSpec & { readonly trouble: World["network"]["trouble"] },
  mishaps: readonly Mishap[],
): Ending {
  const world = new World(spec);
  world.network.trouble = spec.trouble;
  for (const mishap of mishaps) {
    world.timeline.runUntil(world.timeline.nowMs + mishap.afterMs);
    if (world.rules.broken.length > 0) return { broken: world.rules.broken, leftovers: [], world };
    happen(mishap, world);
  }
  mend(world);
  const endMs = world.timeline.nowMs + healthyMs;
  let leftovers: readonly string[] = ["nothing was looked at"];
  while (world.timeline.nowMs < endMs && leftovers.length > 0 && world.rules.broken.length === 0) {
    world.timeline.runUntil(world.timeline.nowMs + 30_000);
    leftovers = world.leftovers();
    for (const host of world.hosts.values()) lookAfter(host, world);
  }
  return { broken: world.rules.broken, leftovers, world };
}

/** Enough for every node one after the other, each with a deadline and a rest. */
const healthyMs = 3 * 3_600_000;

function happen(mishap: Mishap, world: World): void {
  const names = [...world.hosts.keys()];
  const name = names[mishap.node % names.length] ?? "";
  const host = world.hosts.get(name);
  if (host === undefined || world.mended) return;
  world.note(`mishap: ${JSON.stringify(mishap)} on ${name}`);
  if (mishap.kind === "atStep") {
    world.atStep(name, mishap.step, () =>
      world.timeline.after(mishap.delayMs, () => happen({ ...mishap.what, node: mishap.node }, world)),
    );
  }
  happenToProcesses(mishap, { world, host });
  happenToNode(mishap, { world, host });
  happenToHost(mishap, host);
  happenToCluster(mishap, { world, host });
}

interface Place {
  readonly world: World;
  readonly host: Host;
}

function happenToProcesses(mishap: Mishap, { world, host }: Place): void {
  const { network, timeline } = world;
  const decider = world.deciders["which" in mishap ? mishap.which % world.deciders.length : 0];
  if (mishap.kind === "killDecider" && decider?.alive) world.processes.kill(decider);
  if (mishap.kind === "killAgent" && host.agent?.alive) world.processes.kill(host.agent);
  if (mishap.kind === "killAtWrite")
    network.kills.push({ atWrite: network.writes + 1 + mishap.inWrites, applied: mishap.applied });
  if (mishap.kind === "elect" && decider?.alive)
    world.processes.elect(mishap.which % world.deciders.length, { overlapMs: mishap.overlapMs });
  if (mishap.kind === "stallWatch" && decider) decider.watchLagMs = mishap.lagMs;
  if (mishap.kind === "outage") network.outageUntilMs = timeline.nowMs + mishap.forMs;
  if (mishap.kind === "replaceAgent") host.agent?.replacePod();
}

function happenToNode({ kind }: Mishap, { world, host }: Place): void {
  const { cluster, timeline } = world;
  const { name } = host;
  const written = handwriting[kind];
  if (written) cluster.annotate(name, written);
  if (kind === "foreignRecord" && cluster.nodes.get(name)?.annotations[recordAnnotation] === undefined)
    cluster.annotate(name, { [recordAnnotation]: foreignRecord });
  if (kind === "cordon" || kind === "uncordon") cordonByHand(name, { world, unschedulable: kind === "cordon" });
  if (kind === "notReady") cluster.change(name, { ready: false, readySinceMs: timeline.nowMs });
  if (kind === "deleteNode") cluster.deleteNode(name);
  if (kind === "registerAgain") registerAgain(host, world);
}

/** Annotations that people write and remove. */
const handwriting: Partial<Record<Mishap["kind"], Readonly<Record<string, string | undefined>>>> = {
  pauseNode: { [pauseAnnotation]: "true" },
  holdNode: { [holdAnnotation]: "true" },
  releaseNode: { [pauseAnnotation]: undefined, [holdAnnotation]: undefined },
  deleteRecord: { [recordAnnotation]: undefined },
  garbageRecord: { [recordAnnotation]: "=stop" },
  deleteReport: { [reportAnnotation]: undefined },
  garbageReport: { [reportAnnotation]: "=what" },
};

function happenToHost(mishap: Mishap, host: Host): void {
  const needs = { needAppears: "required", needVanishes: "notRequired", needUnknown: "unknown" } as const;
  if (mishap.kind === "needAppears" || mishap.kind === "needVanishes" || mishap.kind === "needUnknown") {
    host.setNeed(needs[mishap.kind]);
  }
  if (mishap.kind === "rebootByHand") host.goDown(1_000);
  if (mishap.kind === "command") host.mode = mishap.mode;
  if (mishap.kind === "silence") host.silent = true;
  if (mishap.kind === "stubborn") host.stubborn = true;
}

function happenToCluster(mishap: Mishap, { world, host }: Place): void {
  const { cluster } = world;
  if (mishap.kind === "pauseFleet") cluster.setFleetPause("true");
  if (mishap.kind === "resumeFleet") cluster.setFleetPause(undefined);
  if (mishap.kind === "deleteLock") cluster.setLedger(undefined);
  if (mishap.kind === "manualLock") cluster.setLedger('{"nodeID":"manual"}');
  if (mishap.kind === "garbageLock") cluster.setLedger("=stop");
  if (mishap.kind === "emptyList" && parseLedger(cluster.ledgerText).kind === "free")
    cluster.setLedger('{"maxOwners":2,"locks":[]}');
  if (mishap.kind === "foreignLock") foreignLock(mishap, { world, host });
  if (mishap.kind === "gate")
    cluster.gates.say({ gate: mishap.gate, ...(mishap.gate === "pods" && { node: host.name }) }, mishap.says);
  if (mishap.kind === "closeWindow") setWindow(world, { open: false });
  if (mishap.kind === "openWindow") setWindow(world, { open: true });
  if (mishap.kind === "closeBudget") cluster.closedBudgets.add("web");
  if (mishap.kind === "openBudget") cluster.closedBudgets.delete("web");
  if (mishap.kind === "sneakyPod" && cluster.nodes.has(host.name)) world.addPod(host.name);
}

/** As kubectl does: who finds the node as she wants it writes nothing. */
function cordonByHand(name: string, { world, unschedulable }: { world: World; unschedulable: boolean }): void {
  if (world.cluster.nodes.get(name)?.unschedulable === !unschedulable) world.cluster.change(name, { unschedulable });
}

/** A lock that a Go kured took, of this node or of one that is no more, and perhaps the cordon that goes with it. */
function foreignLock({ expired, cordoned }: Extract<Mishap, { kind: "foreignLock" }>, { world, host }: Place): void {
  const { cluster, timeline } = world;
  if (parseLedger(cluster.ledgerText).kind !== "free") return;
  const node = cluster.nodes.get(host.name);
  const created = `${formatCreated(timeline.wallMs - (expired ? 3_600_000 : 1_000)).slice(0, -1)}`;
  const nanos = created.includes(".") ? `${created}000001Z` : `${created}.000000001Z`;
  const entry = `{"nodeID":"${host.name}","metadata":{"unschedulable":false},"created":"${nanos}","TTL":${expired ? 1_800_000_000_000 : 0}}`;
  cluster.setLedger(world.policy.concurrency > 1 ? `{"maxOwners":2,"locks":[${entry}]}` : entry);
  const cordons = cordoned && node?.unschedulable === false;
  if (cordons) cluster.change(host.name, { unschedulable: true });
  world.rules.nodes.lockLeft(host.name, { cordoned: cordons });
  // It was swapped for ours just now.
  for (const decider of world.deciders) if (decider.own === host.name && decider.alive) world.processes.kill(decider);
}

const foreignRecord = `{"owner":"other/kured","id":"x","term":0,"phase":"draining","since":"2026-05-05T00:00:00.000Z","boot":"b","machine":"m","lock":"l"}`;

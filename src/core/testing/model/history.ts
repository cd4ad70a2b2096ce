import type { RecordStep } from "../../action.ts";
import { decodeRecord, recordAnnotation } from "../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../fleet/request.ts";
import { formatCreated } from "../../lock/created.ts";
import { parseLedger } from "../../lock/ledger.ts";
import { entriesOf } from "../../lock/place.ts";
import { alwaysOpen, neverOpen, owner } from "../builders.ts";
import type { ModelNode } from "./cluster.ts";
import type { CommandMode, Host } from "./host.ts";
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
  | { readonly kind: "closeWindow" | "openWindow" | "closeBudget" | "openBudget" }
  | { readonly kind: "sneakyPod" | "rebootByHand" | "replaceAgent" | "needAppears" | "needVanishes" | "needUnknown" }
  | { readonly kind: "command"; readonly mode: CommandMode }
  /** Right after the next write of that step on the node, which random times hardly ever hit. */
  | { readonly kind: "atStep"; readonly step: RecordStep; readonly delayMs: number; readonly then: Mishap }
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
  if (host === undefined) return;
  world.note(`mishap: ${JSON.stringify(mishap)} on ${name}`);
  if (mishap.kind === "atStep") {
    world.atStep(name, mishap.step, () =>
      world.timeline.after(mishap.delayMs, () => happen({ ...mishap.then, node: mishap.node }, world)),
    );
  }
  happenToProcesses(mishap, { world, host });
  happenToNode(mishap, { world, host });
  happenToCluster(mishap, { world, host });
}

interface Place {
  readonly world: World;
  readonly host: Host;
}

function happenToProcesses(mishap: Mishap, { world, host }: Place): void {
  const { network, timeline } = world;
  const decider = world.deciders["which" in mishap ? mishap.which % world.deciders.length : 0];
  if (mishap.kind === "killDecider" && decider?.alive) world.kill(decider);
  if (mishap.kind === "killAgent" && host.agent?.alive) world.kill(host.agent);
  if (mishap.kind === "killAtWrite")
    network.kills.push({ atWrite: network.writes + 1 + mishap.inWrites, applied: mishap.applied });
  if (mishap.kind === "elect" && decider?.alive) world.elect(mishap.which % world.deciders.length, mishap.overlapMs);
  if (mishap.kind === "stallWatch" && decider) decider.watchLagMs = mishap.lagMs;
  if (mishap.kind === "outage") network.outageUntilMs = timeline.nowMs + mishap.forMs;
  if (mishap.kind === "replaceAgent") host.agent?.replacePod();
}

function happenToNode(mishap: Mishap, { world, host }: Place): void {
  const { cluster, timeline } = world;
  const { name } = host;
  const request = { pauseNode: pauseAnnotation, holdNode: holdAnnotation } as const;
  switch (mishap.kind) {
    case "pauseNode":
    case "holdNode":
      return cluster.annotate(name, { [request[mishap.kind]]: "true" });
    case "releaseNode":
      return cluster.annotate(name, { [pauseAnnotation]: undefined, [holdAnnotation]: undefined });
    case "cordon":
    case "uncordon":
      return cordonByHand(name, { world, unschedulable: mishap.kind === "cordon" });
    case "deleteRecord":
      return cluster.annotate(name, { [recordAnnotation]: undefined });
    case "garbageRecord":
      return cluster.annotate(name, { [recordAnnotation]: "=stop" });
    case "foreignRecord":
      if (cluster.nodes.get(name)?.annotations[recordAnnotation] === undefined)
        cluster.annotate(name, { [recordAnnotation]: foreignRecord });
      return;
    case "deleteReport":
      return cluster.annotate(name, { [reportAnnotation]: undefined });
    case "garbageReport":
      return cluster.annotate(name, { [reportAnnotation]: "=what" });
    case "notReady":
      return cluster.change(name, { ready: false, readySinceMs: timeline.nowMs });
    case "deleteNode":
      return cluster.deleteNode(name);
    case "registerAgain":
      return registerAgain(host, world);
    default:
      return happenToHost(mishap, host);
  }
}

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
  if (mishap.kind === "closeWindow") setWindow(world, { open: false });
  if (mishap.kind === "openWindow") setWindow(world, { open: true });
  if (mishap.kind === "closeBudget") cluster.closedBudgets.add("web");
  if (mishap.kind === "openBudget") cluster.closedBudgets.delete("web");
  if (mishap.kind === "sneakyPod" && cluster.nodes.has(host.name)) world.addPod(host.name);
}

function setWindow(world: World, { open }: { open: boolean }): void {
  world.policy = { ...world.policy, window: open ? alwaysOpen : neverOpen };
  for (const decider of world.deciders) decider.wake(0);
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
  world.rules.lockLeft(host.name, { cordoned: cordons });
  // It was swapped for ours just now.
  for (const decider of world.deciders) if (decider.own === host.name && decider.alive) world.kill(decider);
}

function registerAgain(host: Host, world: World): void {
  if (world.cluster.nodes.has(host.name)) return;
  world.register(host, false);
  host.agent?.start();
  for (const decider of world.deciders) if (decider.own === host.name) decider.start();
}

const foreignRecord = `{"owner":"other/kured","id":"x","term":0,"phase":"draining","since":"2026-05-05T00:00:00.000Z","boot":"b","machine":"m","lock":"l"}`;

/** Everything that people and networks broke is put right; what kured itself made is left to kured. */
function mend(world: World): void {
  const { cluster, network, timeline } = world;
  world.note("mended");
  network.trouble = { lost: 0, refused: 0, late: 0 };
  network.outageUntilMs = -Infinity;
  network.kills.length = 0;
  world.stepWaiters.clear();
  setWindow(world, { open: true });
  cluster.setFleetPause(undefined);
  cluster.closedBudgets.clear();
  for (const host of world.hosts.values()) {
    registerAgain(host, world);
    mendNode(host, world);
  }
  const ledger = parseLedger(cluster.ledgerText);
  const known = entriesOf(ledger).every(({ nodeId, createdMs }) => createdMs !== undefined && world.hosts.has(nodeId));
  if (ledger.kind === "unreadable" || !known) cluster.setLedger(undefined);
  for (const decider of world.deciders) {
    decider.watchLagMs = 300;
    if (!decider.alive) decider.start();
  }
  timeline.runUntil(timeline.nowMs + 20_000);
  world.elect(0, 0);
}

function mendNode(host: Host, world: World): void {
  const { cluster, timeline } = world;
  host.mode = "works";
  host.silent = false;
  host.stubborn = false;
  if (host.need === "unknown") host.need = "required";
  host.agent?.replacePod();
  const node = cluster.nodes.get(host.name);
  if (node === undefined) return;
  cluster.annotate(host.name, { [pauseAnnotation]: undefined, [holdAnnotation]: undefined });
  if (isForeign(node)) cluster.annotate(host.name, { [recordAnnotation]: undefined });
  if (host.up && !node.ready) cluster.change(host.name, { ready: true, readySinceMs: timeline.nowMs });
  if (node.unschedulable && !world.rules.ownCordons().includes(host.name))
    cluster.change(host.name, { unschedulable: false });
}

function isForeign({ annotations }: ModelNode): boolean {
  const record = decodeRecord(annotations[recordAnnotation]);
  return record.kind === "unreadable" || (record.kind === "record" && record.record.owner !== owner);
}

/** What an operator does for a node that is told to be overdue, failed, or to ask again after its reboot. */
function lookAfter(host: Host, world: World): void {
  const node = world.cluster.nodes.get(host.name);
  const reading = decodeRecord(node?.annotations[recordAnnotation]);
  if (node === undefined || reading.kind !== "record") return;
  const { record } = reading;
  const ageMs = world.timeline.wallMs - record.phaseSinceMs;
  if (record.failure?.pod === host.agent?.pod) host.agent?.replacePod();
  const overdue = record.phase === "rebooting" && ageMs > 2 * world.policy.rebootDeadlineMs;
  if (overdue && record.failure === undefined && host.up && !host.shutdownPending) host.goDown(1_000);
  const report = decodeReport(node.annotations[reportAnnotation]);
  if (record.outcome === "stillRequired" && report.kind === "report" && ageMs > 60_000) {
    host.setNeed("notRequired");
  }
}

import { decodeRecord, recordAnnotation } from "../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../fleet/request.ts";
import { parseLedger } from "../../lock/ledger.ts";
import { entriesOf } from "../../lock/place.ts";
import { alwaysOpen, neverOpen, owner } from "../builders.ts";
import type { ModelNode } from "./node.ts";
import type { Host } from "./agent/host.ts";
import type { World } from "./world.ts";

/** Everything that people and networks broke is put right; what kured itself made is left to kured. */
export function mend(world: World): void {
  const { cluster, network, timeline } = world;
  world.note("mended");
  world.mended = true;
  network.trouble = { lost: 0, refused: 0, late: 0 };
  network.outageUntilMs = -Infinity;
  network.kills.length = 0;
  world.stepWaiters.clear();
  setWindow(world, { open: true });
  cluster.setFleetPause(undefined);
  cluster.closedBudgets.clear();
  cluster.gates.openAll();
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
  world.processes.elect(0, { overlapMs: 0 });
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
  if (node.unschedulable && !world.rules.nodes.ownCordons().includes(host.name))
    cluster.change(host.name, { unschedulable: false });
}

function isForeign({ annotations }: ModelNode): boolean {
  const record = decodeRecord(annotations[recordAnnotation]);
  return record.kind === "unreadable" || (record.kind === "record" && record.record.owner !== owner);
}

/** What an operator does for a node that is told to be overdue, failed, or to ask again after its reboot. */
export function lookAfter(host: Host, world: World): void {
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

/** Reboots are allowed from now on, or not any more. */
export function setWindow(world: World, { open }: { open: boolean }): void {
  world.policy = { ...world.policy, window: open ? alwaysOpen : neverOpen };
  for (const decider of world.deciders) decider.wake(0);
}

/** A machine whose Node was deleted registers under a new one. */
export function registerAgain(host: Host, world: World): void {
  if (world.cluster.nodes.has(host.name)) return;
  world.register(host, false);
  host.agent?.start();
  for (const decider of world.deciders) if (decider.own === host.name) decider.start();
}

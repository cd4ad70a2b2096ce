import type { MaintenanceRecord, RecordReading } from "../core/fleet/record.ts";
import type { Report, ReportReading } from "../core/fleet/report.ts";
import type { Request } from "../core/fleet/request.ts";
import { formatInstant } from "../core/json.ts";
import type { LedgerEntry } from "../core/lock/entry.ts";
import { entriesOf } from "../core/lock/place.ts";
import { isLeaderless } from "./facts/coordinator.ts";
import type { Moment, NodePicture } from "./picture.ts";
import type { DaemonSetSight, LeaseSight, Sight, Surroundings } from "./surroundings.ts";

/** `kured status --output=json`. Its fields are stable: new ones may come, and what is not known is null. */
export function statusJson(nodes: readonly NodePicture[], { surroundings, nowMs }: Moment): string {
  return write({ ...surroundingsJson(surroundings, nowMs), nodes: nodes.map(nodeJson) });
}

/** `kured explain --output=json`: the same with one node. */
export function explainJson(node: NodePicture, { surroundings, nowMs }: Moment): string {
  return write({ ...surroundingsJson(surroundings, nowMs), node: nodeJson(node) });
}

/** JSON in which no text can steer a terminal: JSON itself only escapes the control characters below U+0020. */
function write(value: unknown): string {
  const escaped = JSON.stringify(value, null, 2).replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => {
    return sign
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  });
  return `${escaped}\n`;
}

function surroundingsJson({ daemonSet, lease }: Surroundings, nowMs: number) {
  return {
    at: formatInstant(nowMs),
    coordinator: leaseJson(lease, nowMs),
    lock: lockJson(daemonSet),
    fleetPause: daemonSet.kind === "seen" ? requestJson(daemonSet.value.pause) : null,
  };
}

function leaseJson(lease: Sight<LeaseSight>, nowMs: number) {
  const none = { holder: null, term: null, renewedAt: null, reason: null };
  if (lease.kind === "absent") return { state: "none", ...none };
  if (lease.kind === "unknown") return { state: "unknown", ...none, reason: lease.reason };
  const { holder, term, renewedAtMs } = lease.value;
  const state = isLeaderless(lease, nowMs) ? "gone" : "leading";
  return { state, holder, term, renewedAt: instantJson(renewedAtMs), reason: null };
}

function lockJson(sight: Sight<DaemonSetSight>) {
  if (sight.kind === "absent") return { state: "none", holders: [], reason: null, text: null };
  if (sight.kind === "unknown") return { state: "unknown", holders: [], reason: sight.reason, text: null };
  const { ledger } = sight.value;
  if (ledger.kind === "unreadable") return { ...unreadableJson(ledger), state: "unreadable", holders: [] };
  const holders = entriesOf(ledger).map(holderJson);
  return { state: ledger.kind === "free" ? "free" : "held", holders, reason: null, text: null };
}

function holderJson({ nodeId, createdMs, ttlNs, unschedulable }: LedgerEntry) {
  return { node: nodeId, since: instantJson(createdMs), ttlSeconds: Number(ttlNs) / 1e9, unschedulable };
}

function nodeJson({ node, state, urgency }: NodePicture) {
  const { verdict } = state;
  return {
    name: node.name,
    state: state.code,
    urgency,
    since: instantJson(state.sinceMs),
    reasons: state.reasons.map(({ code, sentence }) => ({ code, sentence })),
    decided:
      verdict === undefined
        ? null
        : { at: instantJson(verdict.decidedAtMs), nodesAgeMs: verdict.nodesAgeMs, lockAgeMs: verdict.ledgerAgeMs },
    ready: node.ready,
    cordoned: node.unschedulable,
    report: reportJson(node.report),
    maintenance: recordJson(node.record),
    pause: requestJson(node.pause),
    hold: requestJson(node.hold),
  };
}

function reportJson(reading: ReportReading) {
  switch (reading.kind) {
    case "absent":
      return null;
    case "unreadable":
      return { state: "unreadable", ...unreadableJson(reading) };
    case "report":
      return { state: "readable", ...readableReport(reading.report) };
  }
}

function readableReport({ need, sinceMs, evidence, impediment, boot, bootedAtMs, pod, commanded }: Report) {
  return {
    need,
    since: instantJson(sinceMs),
    evidence,
    impediment: impediment ?? null,
    boot,
    bootedAt: instantJson(bootedAtMs),
    pod,
    commanded: commanded === undefined ? null : { ...commanded, result: commanded.result ?? null },
  };
}

function recordJson(reading: RecordReading) {
  switch (reading.kind) {
    case "absent":
      return null;
    case "unreadable":
      return { state: "unreadable", ...unreadableJson(reading) };
    case "record":
      return { state: "readable", ...readableRecord(reading.record) };
  }
}

function readableRecord(record: MaintenanceRecord) {
  const { id, owner, term, phase, phaseSinceMs, boot, cordon, attempt, lock, failure, outcome, rest } = record;
  return {
    ...{ id, owner, term, phase, since: instantJson(phaseSinceMs), boot, cordon, attempt, lock },
    failure: failure ?? null,
    outcome: outcome ?? null,
    rest: rest === undefined ? null : { until: instantJson(rest.untilMs), because: rest.because },
  };
}

/** Whole, for machines; only people get the beginning. */
function unreadableJson({ reason, text }: { readonly reason: string; readonly text: string }) {
  return { reason, text };
}

function requestJson(request: Request | undefined) {
  return request === undefined ? null : { reason: request.reason, until: instantJson(request.untilMs) };
}

function instantJson(ms: number | undefined): string | null {
  return ms === undefined ? null : formatInstant(ms);
}

import type { PodFacts } from "../drain/pod.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { encodeRecord, type MaintenanceRecord, type RecordReading } from "../fleet/record.ts";
import { encodeReport, type Report, type ReportReading } from "../fleet/report.ts";
import type { LedgerFacts, View } from "../fleet/view.ts";
import { formatCreated } from "../lock/created.ts";
import { parseLedger } from "../lock/ledger.ts";
import type { Now } from "../now.ts";
import type { Policy } from "../policy/policy.ts";
import { questionKey, type Answer } from "../question.ts";
import type { ClassicWindow } from "../window/classic.ts";

// Objects for tests of the core, every field defaulted: a test names only what it is about. Unless said otherwise the
// scene is a coordinator of term 1 at a quiet instant, and the one node `n1` needs a reboot.

/** The instant of a scene: the wall clock at a round hour, the monotonic one somewhere else. */
export const now: Now = { wallMs: Date.UTC(2026, 4, 5, 12), monotonicMs: 1_000_000 };

/** `now`, so much later on both clocks. */
export function later(ms: number, from: Now = now): Now {
  return { wallMs: from.wallMs + ms, monotonicMs: from.monotonicMs + ms };
}

/** The installation that all of ours belongs to. */
export const owner = "kube-system/kured";

/** Open at every instant. */
export const alwaysOpen: ClassicWindow = {
  days: [true, true, true, true, true, true, true],
  startSecondOfDay: 0,
  endSecondOfDay: 86_399,
  zone: { name: "UTC", id: "UTC" },
};

/** Open at no instant. */
export const neverOpen: ClassicWindow = { ...alwaysOpen, days: [false, false, false, false, false, false, false] };

/** kured as it is installed, with pods as proof of a live agent. */
export function policy(given: Partial<Policy> = {}): Policy {
  return {
    owner,
    concurrency: 1,
    lockTtlNs: 0n,
    lockReleaseDelayMs: 0,
    window: alwaysOpen,
    gates: [],
    drain: {
      force: true,
      ignoreDaemonSets: true,
      deleteEmptyDirData: true,
      skipWaitForDeleteSeconds: 0,
      gracePeriodSeconds: -1,
    },
    drainFeasibility: "off",
    drainTimeoutMs: 0,
    onDrainTimeout: "abort",
    drainHardEndMs: 0,
    volumeDetachTimeoutMs: 0,
    readyElsewhere: { waits: "nothing", timeoutMs: 5 * 60_000 },
    drainDelayMs: 0,
    rebootDelayMs: 0,
    rebootDeadlineMs: 15 * 60_000,
    failedReboot: "giveBack",
    retryMs: 60 * 60_000,
    agentProof: "pod",
    evictionsInFlight: 10,
    marks: { annotateNodes: false, taint: "" },
    notices: false,
    freshness: { waitingMs: 10_000, restingMs: 30_000, goingMs: 1_000, gatesMs: 10_000, decisiveMs: 2_000 },
    ...given,
  };
}

/** A need since an hour, from the first boot and the first pod. */
export function report(given: Partial<Report> = {}): Report {
  return { pod: "agent-1", boot: "boot-1", need: "required", sinceMs: now.wallMs - 3_600_000, evidence: "", ...given };
}

/** The same as it stands on a Node. */
export function reportReading(given: Partial<Report> = {}): ReportReading {
  const full = report(given);
  return { kind: "report", report: full, text: encodeReport(full) };
}

/** A record that began a minute ago; its lock entry is `entryText()` of the same node. */
export function record(given: Partial<MaintenanceRecord> = {}): MaintenanceRecord {
  return {
    owner,
    id: "m1",
    term: 1,
    phase: "claimed",
    phaseSinceMs: now.wallMs - 60_000,
    boot: "boot-1",
    kubeletBoot: "",
    machine: "uid-n1",
    lock: lockedAt,
    cordon: "none",
    attempt: 0,
    ...given,
  };
}

/** The same as it stands on a Node. */
export function recordReading(given: Partial<MaintenanceRecord> = {}): RecordReading {
  const full = record(given);
  return { kind: "record", record: full, text: encodeRecord(full) };
}

/** Ready, schedulable, without a record, and in need of a reboot. */
export function node(given: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name: "n1",
    uid: `uid-${given.name ?? "n1"}`,
    resourceVersion: "7",
    ready: true,
    unschedulable: false,
    kubeletBoot: "",
    controlPlane: false,
    labels: {},
    taints: [],
    record: { kind: "absent" },
    report: reportReading(),
    ...given,
  };
}

/** `created` of our entry of `n1`, and so `lock` of its record. */
export const lockedAt: string = formatCreated(now.wallMs - 120_000);

/** One entry as kured writes it. */
export function entryText(given: { node?: string; created?: string; ttlNs?: bigint; unschedulable?: boolean } = {}) {
  const { node: nodeId = "n1", created = lockedAt, ttlNs = 0n, unschedulable = false } = given;
  return `{"nodeID":"${nodeId}","metadata":{"unschedulable":${unschedulable}},"created":"${created}","TTL":${ttlNs}}`;
}

/** A list of entries as a kured with a larger `--concurrency` writes it. */
export function listText(entries: readonly string[], maxOwners = 2): string {
  return `{"maxOwners":${maxOwners},"locks":[${entries.join(",")}]}`;
}

/** The ledger with this text, read at `now`. */
export function ledger(
  text: string | undefined,
  given: Partial<Extract<LedgerFacts, { kind: "seen" }>> = {},
): Extract<LedgerFacts, { kind: "seen" }> {
  return {
    kind: "seen",
    observedAtMs: now.monotonicMs,
    resourceVersion: "3",
    text,
    ledger: parseLedger(text),
    ...given,
  };
}

/** A pod that somebody would replace and that a drain evicts. */
export function pod(given: Partial<PodFacts> = {}): PodFacts {
  const name = given.name ?? "web-1";
  return {
    namespace: "shop",
    name,
    uid: `uid-${name}`,
    nodeName: "n1",
    labels: {},
    phase: "Running",
    controller: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web" },
    mirror: false,
    hasEmptyDir: false,
    ready: true,
    ...given,
  };
}

/** The pod of our agent on a node. */
export function agentPod(given: Partial<PodFacts> = {}): PodFacts {
  const uid = given.uid ?? "agent-1";
  const controller = { apiVersion: "apps/v1", kind: "DaemonSet", name: "kured", uid: "uid-kured" };
  return pod({ namespace: "kube-system", name: `kured-${uid}`, uid, controller, ...given });
}

/** The answer to the question for a node's pods, seen at `now`. */
export function podsAnswer(pods: readonly PodFacts[], observedAtMs: number = now.monotonicMs): Answer {
  return { kind: "pods", pods, observedAtMs };
}

/** Answers under their keys; by default the pods of `n1` are known to be our live agent and nothing else. */
export function answers(given: Readonly<Record<string, Answer>> = {}): ReadonlyMap<string, Answer> {
  const defaults: Record<string, Answer> = {
    [questionKey({ kind: "pods", node: "n1", freshForMs: 0 })]: podsAnswer([agentPod()]),
    [`daemonSet/${owner}`]: { kind: "daemonSet", state: "exists", observedAtMs: now.monotonicMs },
  };
  return new Map(Object.entries({ ...defaults, ...given }));
}

/** What a coordinator of term 1 sees when everything is in order and the lock is free. */
export function view(given: Partial<View> = {}): View {
  return {
    nodes: [node()],
    nodesObservedAtMs: now.monotonicMs,
    ledger: ledger(undefined),
    answers: answers(),
    attempts: new Map(),
    leadership: { kind: "leading", term: 1, untilMs: Infinity },
    ...given,
  };
}

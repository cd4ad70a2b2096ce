import { readiness } from "../attempt.ts";
import { compareBoots } from "../boot/identity.ts";
import { approvalOf, type MaintenanceRecord } from "../fleet/record.ts";
import { encodeReport, type CommandedReboot, type Report } from "../fleet/report.ts";
import type { Now } from "../now.ts";
import type { HostAction, HostQuestion } from "./action.ts";
import type { Commit, HostView, OwnNode } from "./view.ts";

/** What the operator wants of an agent. */
export interface HostPolicy {
  /** `namespace/name` of the installation whose records concern us. */
  readonly owner: string;
  /** The sentinel is looked at this often at the latest (`--period`). */
  readonly periodMs: number;
}

export interface HostDecision {
  readonly actions: readonly HostAction[];
  readonly questions: readonly HostQuestion[];
  readonly wakeAtMs: number;
}

/** An approval is worth nothing for a nonce that is older than this, by the clock of the one who drew it. */
export const nonceMsMax = 60_000;
/** The command runs this soon after the commit was sent, or not at all. */
export const commandWithinMs = 10_000;
/** A restarted agent waits this long before it believes that no shutdown is pending. */
const settleMs = 10_000;

/**
 * The agent's half of the conversation: says what its machine needs, and reboots it on an approval that is its own,
 * fresh, and confirmed by the API server (design §3, the commit point). It never repeats a commanded reboot itself.
 */
export function decideHost(view: HostView, policy: HostPolicy, now: Now): HostDecision {
  const questions: HostQuestion[] = [{ kind: "sentinel", freshForMs: policy.periodMs }];
  const { node, sentinel } = view;
  if (node === undefined)
    return { actions: [], questions: [...questions, { kind: "ownNode", freshForMs: Infinity }], wakeAtMs: Infinity };
  if (sentinel === undefined) return { actions: [], questions, wakeAtMs: Infinity };
  const scene: HostScene = { view, policy, now, node };
  const urgent = commitStep(scene);
  if (urgent) return merge(urgent, questions);
  const report = wantedReport(scene);
  if (report.questions) questions.push(...report.questions);
  const write = writeIfChanged(report.report, scene);
  const step = write ?? approvalStep(scene);
  return merge(also(step, { wakeAtMs: report.wakeAtMs ?? Infinity }), questions);
}

interface HostScene {
  readonly view: HostView;
  readonly policy: HostPolicy;
  readonly now: Now;
  readonly node: OwnNode;
}

interface HostStep {
  readonly actions?: readonly HostAction[];
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
}

/** What a commit of this process demands next; nothing else is done while one is open. */
function commitStep({ view, now, node }: HostScene): HostStep | undefined {
  const { commit } = view;
  if (commit === undefined) return undefined;
  const { approval } = commit;
  switch (commit.state.kind) {
    case "confirmed":
      return runOrGiveUp(approval, { commit, now });
    case "unsure": {
      const attempt = view.attempts.get(`commit/${approval}`);
      if (attempt?.inFlightSinceMs !== undefined) return {};
      // Only what was read after the request had ended tells whether it was applied.
      if (attempt?.last === undefined || node.observedAtMs <= attempt.last.endedAtMs)
        return { questions: [{ kind: "ownNode", freshForMs: 0 }] };
      const applied = node.report.kind === "report" && node.report.report.commanded?.approval === approval;
      if (applied) return runOrGiveUp(approval, { commit, now });
      return { actions: [{ kind: "giveUpCommit", key: rebootKey(approval), approval, applied: false }] };
    }
    case "commanding":
      return {};
    case "ended":
      return undefined;
  }
}

function runOrGiveUp(approval: string, { commit, now }: { commit: Commit; now: Now }): HostStep {
  const beforeMs = commit.sentAtMs + commandWithinMs;
  const key = rebootKey(approval);
  return now.monotonicMs < beforeMs
    ? { actions: [{ kind: "reboot", key, approval, beforeMs }] }
    : { actions: [{ kind: "giveUpCommit", key, approval, applied: true }] };
}

function rebootKey(approval: string): string {
  return `reboot/${approval}`;
}

/** The report that should be there, and what must still be found out for it. */
function wantedReport(scene: HostScene): {
  readonly report: Report;
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
} {
  const { view, node, now } = scene;
  const before = node.report.kind === "report" ? node.report.report : undefined;
  const sameBoot = before !== undefined && compareBoots(before.boot, view.boot) !== "changed";
  const need = view.sentinel?.need ?? "unknown";
  const commanded = sameBoot ? wantedCommanded(scene, before.commanded) : { commanded: undefined };
  const nonce = wantedNonce(scene);
  const report: Report = {
    pod: view.pod,
    boot: view.boot,
    ...(view.bootedAtMs !== undefined && {
      bootedAtMs: sameBoot && before.bootedAtMs !== undefined ? before.bootedAtMs : view.bootedAtMs,
    }),
    need,
    sinceMs: sameBoot && before.need === need ? before.sinceMs : now.wallMs,
    evidence: view.sentinel?.evidence ?? "",
    ...(view.impediment !== undefined && { impediment: view.impediment }),
    ...(nonce !== undefined && { nonce }),
    ...(commanded.commanded && { commanded: commanded.commanded }),
  };
  return {
    report,
    ...(commanded.questions && { questions: commanded.questions }),
    ...(commanded.wakeAtMs !== undefined && { wakeAtMs: commanded.wakeAtMs }),
  };
}

/** What the report says of a commanded reboot: the outcome of our own, or what became of a predecessor's. */
function wantedCommanded(
  { view, now }: HostScene,
  commanded: CommandedReboot | undefined,
): {
  readonly commanded: CommandedReboot | undefined;
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
} {
  const { commit, shutdown } = view;
  if (commanded === undefined) return { commanded };
  if (commit?.approval === commanded.approval) {
    if (commit.state.kind !== "ended") return { commanded };
    const { result } = commit.state;
    // What a failed command leaves behind is asked of the machine, and asked again until it is known.
    const open = result.kind === "failed" || result.kind === "hung" || result.kind === "interrupted";
    if (open && result.shutdown !== "no" && shutdown)
      return { commanded: { ...commanded, result: { ...result, shutdown: shutdown.state } }, questions: [askShutdown] };
    return { commanded: { ...commanded, result }, ...(result.kind !== "accepted" && { questions: [askShutdown] }) };
  }
  // Somebody else of this boot committed to it: we only say whether a shutdown is pending.
  if (commanded.result !== undefined && commanded.result.kind !== "interrupted") return { commanded };
  const settledAtMs = view.startedAtMs + settleMs;
  if (now.monotonicMs < settledAtMs) return { commanded, wakeAtMs: settledAtMs };
  if (shutdown === undefined || shutdown.observedAtMs < settledAtMs) return { commanded, questions: [askShutdownNow] };
  return {
    commanded: { ...commanded, result: { kind: "interrupted", shutdown: shutdown.state } },
    questions: [askShutdown],
  };
}

const askShutdown: HostQuestion = { kind: "shutdown", freshForMs: 30_000 };
const askShutdownNow: HostQuestion = { kind: "shutdown", freshForMs: 1_000 };

/** A nonce is out only while an approval is awaited. */
function wantedNonce(scene: HostScene): string | undefined {
  return awaitsApproval(scene) ? scene.view.nonce?.value : undefined;
}

function awaitsApproval(scene: HostScene): boolean {
  const record = ourRecord(scene);
  return record?.phase === "draining" || record?.phase === "approved";
}

function ourRecord({ node, policy }: HostScene): MaintenanceRecord | undefined {
  const record = node.record?.record;
  return record?.owner === policy.owner ? record : undefined;
}

function writeIfChanged(report: Report, scene: HostScene): HostStep | undefined {
  const { node } = scene;
  const was = node.report.kind === "absent" ? undefined : node.report.text;
  if (was === encodeReport(report)) return undefined;
  return whenFree(scene, { kind: "writeReport", key: "report", report, was });
}

/** Draws a nonce when one is due, and commits to an approval that echoes it. */
function approvalStep(scene: HostScene): HostStep {
  const { view, now, node } = scene;
  if (!awaitsApproval(scene)) return {};
  const { nonce } = view;
  if (nonce === undefined || now.monotonicMs - nonce.drawnAtMs >= nonceMsMax)
    return { actions: [{ kind: "drawNonce", key: "nonce" }] };
  const renewAtMs = nonce.drawnAtMs + nonceMsMax;
  const record = ourRecord(scene);
  const approval = record && approvalOf(record);
  if (record?.phase !== "approved" || record.nonce !== nonce.value || approval === undefined)
    return { wakeAtMs: renewAtMs };
  return also(commitTo(approval, { scene, node }), { wakeAtMs: renewAtMs });
}

/** Everything that only the machine itself can know is asked once more before the commit. */
function commitTo(approval: string, { scene, node }: { scene: HostScene; node: OwnNode }): HostStep {
  const { view, now, policy } = scene;
  const record = ourRecord(scene);
  if (record === undefined || node.record === undefined || node.report.kind !== "report") return {};
  if (node.paused || node.held || record.owner !== policy.owner) return {};
  if (view.commit?.approval === approval || node.report.report.commanded?.approval === approval) return {};
  if (record.machine !== node.uid || compareBoots(record.boot, view.boot) !== "same") return {};
  if (view.sentinel?.need !== "required" || view.impediment !== undefined) return {};
  if (view.sentinel.observedAtMs + decisiveMs < now.monotonicMs)
    return { questions: [{ kind: "sentinel", freshForMs: decisiveMs }] };
  const { nonce: _used, ...report } = node.report.report;
  return whenFree(scene, {
    kind: "commit",
    key: `commit/${approval}`,
    approval,
    report: { ...report, commanded: { boot: view.boot, approval } },
    was: node.report.text,
    recordText: node.record.text,
  });
}

/** The sentinel must have been seen this recently for a commit (bug B30). */
const decisiveMs = 5_000;

function whenFree({ view, now }: HostScene, action: HostAction): HostStep {
  const ready = readiness(action.key, { attempts: view.attempts, now });
  if (ready.kind === "free") return { actions: [action] };
  return ready.kind === "resting" ? { wakeAtMs: ready.untilMs } : {};
}

function also(step: HostStep, more: HostStep): HostStep {
  return {
    actions: [...(step.actions ?? []), ...(more.actions ?? [])],
    questions: [...(step.questions ?? []), ...(more.questions ?? [])],
    wakeAtMs: Math.min(step.wakeAtMs ?? Infinity, more.wakeAtMs ?? Infinity),
  };
}

function merge(step: HostStep, questions: readonly HostQuestion[]): HostDecision {
  return {
    actions: step.actions ?? [],
    questions: [...questions, ...(step.questions ?? [])],
    wakeAtMs: step.wakeAtMs ?? Infinity,
  };
}

import { compareBoots } from "../boot/identity.ts";
import { approvalOf, type MaintenanceRecord } from "../fleet/record.ts";
import { encodeReport, mayGoDown, type CommandedReboot, type Report } from "../fleet/report.ts";
import type { Now } from "../now.ts";
import { newerThan } from "../question.ts";
import type { HostAction, HostQuestion } from "./action.ts";
import { commitKey, commitsRestUntilMs, rebootKey, wantedCommanded } from "./commanded.ts";
import type { HostPolicy } from "./policy.ts";
import { also, whenFree, type HostScene, type HostStep } from "./scene.ts";
import type { Commit, HostView, OwnNode } from "./view.ts";

/** What an agent does and finds out now, and the monotonic instant at which it looks again all the same. */
export interface HostDecision {
  readonly actions: readonly HostAction[];
  readonly questions: readonly HostQuestion[];
  readonly wakeAtMs: number;
}

/** An approval is worth nothing for a nonce that is older than this, by the clock of the one who drew it. */
export const nonceMsMax = 60_000;
/** The command runs this soon after the commit was sent, or not at all. */
export const commandWithinMs = 10_000;
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

/** What a commit of this process demands next; nothing else is done while one is open. */
function commitStep({ view, now, node }: HostScene): HostStep | undefined {
  const { commit } = view;
  if (commit === undefined) return undefined;
  const { approval } = commit;
  switch (commit.state.kind) {
    case "confirmed":
      return runOrGiveUp(approval, { commit, view, now });
    case "unsure": {
      const attempt = view.attempts.get(commitKey(approval));
      if (attempt?.inFlightSinceMs !== undefined) return {};
      // Only what was read after the request had ended tells whether it was applied.
      const endedAtMs = attempt?.last?.endedAtMs ?? now.monotonicMs;
      if (node.observedAtMs <= endedAtMs)
        return { questions: [{ kind: "ownNode", freshForMs: newerThan(endedAtMs, { now, freshForMs: Infinity }) }] };
      if (committedTo(approval, node)) return runOrGiveUp(approval, { commit, view, now });
      return { actions: [{ kind: "giveUpCommit", key: rebootKey(approval), approval, applied: false }] };
    }
    case "commanding":
      return {};
    case "ended":
      return undefined;
  }
}

function committedTo(approval: string, { report }: OwnNode): boolean {
  return report.kind === "report" && report.report.commanded?.approval === approval;
}

function runOrGiveUp(approval: string, { commit, view, now }: { commit: Commit; view: HostView; now: Now }): HostStep {
  const beforeMs = commit.sentAtMs + commandWithinMs;
  const key = rebootKey(approval);
  // Whatever the loop has made of it: a command that was begun is not begun again.
  if (view.attempts.has(key)) return {};
  return now.monotonicMs < beforeMs
    ? { actions: [{ kind: "reboot", key, approval, beforeMs }], wakeAtMs: beforeMs }
    : { actions: [{ kind: "giveUpCommit", key, approval, applied: true }] };
}

/** The report that should be there, and what must still be found out for it. */
function wantedReport(scene: HostScene): Wanted & { readonly report: Report } {
  const { view, node, now } = scene;
  const before = node.report.kind === "report" ? node.report.report : undefined;
  const sameBoot = before !== undefined && compareBoots(before.boot, view.boot) !== "changed";
  const need = view.sentinel?.need ?? "unknown";
  const same = sameBoot && before.need === need;
  const [ours, earlier] = isOfEarlierBoot(before?.commanded, view)
    ? [undefined, before?.commanded]
    : [before?.commanded];
  const wanted = wantedCommanded(scene, ours);
  const nonce = mayGoDown(wanted.commanded, view.boot) ? undefined : wantedNonce(scene);
  // A machine that is back before the record said *rebooting* would else be told as one that nobody commanded.
  const commanded = wanted.commanded ?? (nonce === undefined ? earlier : undefined);
  const evidence = view.sentinel?.evidence ?? "";
  const words = same ? calmEvidence(scene, { before: before.evidence, evidence }) : { evidence };
  const report: Report = {
    pod: view.pod,
    boot: view.boot,
    ...(view.bootedAtMs !== undefined && {
      bootedAtMs: sameBoot && before.bootedAtMs !== undefined ? before.bootedAtMs : view.bootedAtMs,
    }),
    need,
    sinceMs: same ? before.sinceMs : now.wallMs,
    evidence: words.evidence,
    ...(view.impediment !== undefined && { impediment: view.impediment }),
    ...(nonce !== undefined && { nonce }),
    ...(commanded && { commanded }),
  };
  const wakeAtMs = Math.min(wanted.wakeAtMs ?? Infinity, words.wakeAtMs ?? Infinity);
  return { report, wakeAtMs, ...(wanted.questions && { questions: wanted.questions }) };
}

function isOfEarlierBoot(commanded: CommandedReboot | undefined, { boot }: HostView): boolean {
  return commanded !== undefined && compareBoots(commanded.boot, boot) === "changed";
}

/** What else a wanted part of the report asks for. */
interface Wanted {
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
}

/** Words alone are no reason to write again and again: a sentinel command may say the time each time. */
function calmEvidence(
  { view, policy, now }: HostScene,
  { before, evidence }: { before: string; evidence: string },
): { readonly evidence: string; readonly wakeAtMs?: number } {
  const writtenAtMs = view.attempts.get(reportKey)?.last?.endedAtMs ?? -Infinity;
  const dueAtMs = writtenAtMs + Math.min(policy.periodMs, wordsEveryMs);
  return before === evidence || dueAtMs <= now.monotonicMs ? { evidence } : { evidence: before, wakeAtMs: dueAtMs };
}

const wordsEveryMs = 5 * 60_000;

/** A nonce is out only while an approval is awaited, and not again once it was committed with. */
function wantedNonce(scene: HostScene): string | undefined {
  const record = ourRecord(scene);
  if (record === undefined || !awaitsApproval(scene)) return undefined;
  // An approval that was committed to and taken back all the same still stands in the record: another one is awaited.
  const approval = record.phase === "approved" ? approvalOf(record) : undefined;
  if (approval !== undefined && committedTo(approval, scene.node)) return undefined;
  return scene.view.nonce?.value;
}

function awaitsApproval(scene: HostScene): boolean {
  const record = ourRecord(scene);
  return record?.phase === "draining" || record?.phase === "approved";
}

function ourRecord({ node, policy }: HostScene): MaintenanceRecord | undefined {
  const record = node.record?.record;
  return record?.owner === policy.owner ? record : undefined;
}

const reportKey = "report";

function writeIfChanged(report: Report, scene: HostScene): HostStep | undefined {
  const { node, view, now } = scene;
  const was = node.report.kind === "absent" ? undefined : node.report.text;
  if (was === encodeReport(report)) return undefined;
  const last = view.attempts.get(reportKey)?.last;
  const contested =
    node.report.kind === "report" && node.report.report.pod !== view.pod && last?.outcome.kind === "done";
  // Another agent of this machine speaks too: one of the two will be gone soon, and until then neither shouts.
  if (contested && last.endedAtMs + contestedRestMs > now.monotonicMs)
    return { wakeAtMs: last.endedAtMs + contestedRestMs };
  return whenFree(scene, { kind: "writeReport", key: reportKey, report, was });
}

const contestedRestMs = 30_000;

/** Draws a nonce when one is due, and commits to an approval that echoes it. */
function approvalStep(scene: HostScene): HostStep {
  const { view, now, node } = scene;
  const record = ourRecord(scene);
  if (record === undefined || !awaitsApproval(scene)) return {};
  const { nonce } = view;
  if (nonce === undefined || nonce.drawnAtMs + nonceMsMax <= now.monotonicMs)
    return { actions: [{ kind: "drawNonce", key: "nonce" }] };
  if (isSpent(nonce.value, { record, scene })) {
    const againAtMs = commitsRestUntilMs(view);
    if (againAtMs > now.monotonicMs) return { wakeAtMs: againAtMs };
    return { actions: [{ kind: "drawNonce", key: "nonce" }] };
  }
  const renewAtMs = nonce.drawnAtMs + nonceMsMax;
  const approval = approvalOf(record);
  if (record.phase !== "approved" || record.nonce !== nonce.value || approval === undefined)
    return { wakeAtMs: renewAtMs };
  return also(commitTo(approval, { scene, node }), { wakeAtMs: renewAtMs });
}

/** Its approval was taken back, or a commit with it was sent without an answer: it must not be used a second time. */
function isSpent(nonce: string, { record, scene }: { record: MaintenanceRecord; scene: HostScene }): boolean {
  if (record.nonce !== nonce) return false;
  if (record.phase === "draining") return true;
  const last = scene.view.attempts.get(commitKey(approvalOf(record) ?? ""))?.last;
  return last?.outcome.kind === "failed" && !committedTo(approvalOf(record) ?? "", scene.node);
}

/** Everything that only the machine itself can know is asked once more before the commit. */
function commitTo(approval: string, { scene, node }: { scene: HostScene; node: OwnNode }): HostStep {
  const { view, now, policy } = scene;
  const record = ourRecord(scene);
  if (record === undefined || node.record === undefined || node.report.kind !== "report") return {};
  if (node.paused || node.held || record.owner !== policy.owner) return {};
  if (mayGoDown(node.report.report.commanded, view.boot)) return {};
  if (view.commit?.approval === approval || node.report.report.commanded?.approval === approval) return {};
  if (record.machine !== node.uid || compareBoots(record.boot, view.boot) !== "same") return {};
  if (view.sentinel?.need !== "required" || view.impediment !== undefined) return {};
  const { observedAtMs, endedAtMs = observedAtMs } = view.sentinel;
  if (endedAtMs + decisiveMs < now.monotonicMs) return { questions: [{ kind: "sentinel", freshForMs: decisiveMs }] };
  const { nonce: _used, ...report } = node.report.report;
  return whenFree(scene, {
    kind: "commit",
    key: commitKey(approval),
    approval,
    report: { ...report, commanded: { boot: view.boot, approval } },
    was: node.report.text,
    recordText: node.record.text,
  });
}

/** The sentinel must have been seen this recently for a commit (bug B30). */
const decisiveMs = 5_000;

function merge(step: HostStep, questions: readonly HostQuestion[]): HostDecision {
  return {
    actions: step.actions ?? [],
    questions: [...questions, ...(step.questions ?? [])],
    wakeAtMs: step.wakeAtMs ?? Infinity,
  };
}

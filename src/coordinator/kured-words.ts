import { formatDurationMs } from "../core/duration.ts";
import { emptied, type DrainPlan } from "../core/drain/plan.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import type { View } from "../core/fleet/view.ts";
import type { MaintenanceRecord } from "../core/fleet/record.ts";
import type { Now } from "../core/now.ts";
import { isLate } from "../core/phases/drain/limits.ts";
import { seenPods } from "../core/phases/drain/pods.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { NodeInHand, Scene } from "../core/scene.ts";
import { isPassing, type Verdict } from "../core/verdict/reason.ts";
import type { Log, LogLevel } from "../ports/log.ts";
import type { Teller } from "./teller.ts";
import { namesGone } from "./telling/gone.ts";
import { verdictsOf } from "./telling/verdicts-of.ts";

interface Line {
  readonly level: LogLevel;
  readonly message: string;
}

/**
 * A teller that also writes the lines with which kured and `kubectl drain` tell of waiting and of what a drain leaves
 * or ends for good; ours stand beside them. Each is written once for a maintenance, or for a wait.
 */
export function tellingInKuredWords(
  teller: Teller,
  { log, policy }: { readonly log: Log; readonly policy: Policy },
): Teller {
  /** By node: what they were told about, and the lines. */
  const told = new Map<string, { readonly about: string; readonly lines: Set<string> }>();
  return {
    tell: (verdicts, options) => {
      const moreAtMs = teller.tell(verdicts, options);
      const { view, now } = options;
      let known = 0;
      for (const { node, verdict } of verdictsOf(view.nodes, verdicts)) {
        tellOne(verdict, { view, now, node });
        if (told.has(node.name)) known += 1;
      }
      if (told.size > known) for (const name of namesGone(told.keys(), view.nodes)) told.delete(name);
      return moreAtMs;
    },
  };

  function tellOne(verdict: Verdict, { node, view, now }: { node: NodeFacts; view: View; now: Now }): void {
    const record = node.record.kind === "record" ? node.record.record : undefined;
    const lines = [
      ...verdictLines(verdict),
      ...(record === undefined ? [] : [...delayLines(record, policy), ...drainLines({ node, record }, { view, now })]),
    ];
    const about = record?.id ?? verdict.reasons[0].code;
    const before = told.get(node.name);
    // Nothing was said about it, or about something else.
    if (lines.length === 0 && before?.about !== about) return void told.delete(node.name);
    const { lines: earlier } = before?.about === about ? before : { lines: new Set<string>() };
    told.set(node.name, { about, lines: earlier });
    for (const { level, message } of lines) {
      if (!earlier.has(message)) log.write(level, message, { node: node.name });
      earlier.add(message);
    }
  }

  function drainLines(inHand: NodeInHand, { view, now }: { readonly view: View; readonly now: Now }): readonly Line[] {
    if (inHand.record.phase !== "draining") return [];
    const scene: Scene = { view, policy, now, stopped: [] };
    const seen = seenPods(inHand, scene);
    return seen.kind === "unseen" ? [] : [...warnings(seen.plan), ...lateLines(seen.plan, { inHand, scene })];
  }
}

/** kubectl's, as soon as it is known of every DaemonSet whether it exists. */
function warnings({ pods, warnings: texts }: DrainPlan): readonly Line[] {
  if (pods.some(({ kind }) => kind === "ask")) return [];
  return texts.map((text) => ({ level: "warning", message: `WARNING: ${text}` }));
}

/** The drain has failed, whatever comes of that: kured says so also where it goes on with `--force-reboot`. */
function lateLines(plan: DrainPlan, { inHand, scene }: { inHand: NodeInHand; scene: Scene }): readonly Line[] {
  if (emptied(plan) || !isLate(inHand, { plan, scene })) return [];
  const error = timedOut(scene.policy.drainTimeoutMs);
  return [{ level: "error", message: `Error draining ${inHand.node.name}: ${error}` }];
}

/** kubectl's words. */
function timedOut(afterMs: number): string {
  return `global timeout reached: ${formatDurationMs(afterMs)}`;
}

function verdictLines({ node, reasons: [reason] }: Verdict): readonly Line[] {
  if (isPassing(reason)) return [];
  if (reason.code === "LockedBy")
    return [{ level: "warning", message: `Lock already held: ${reason.holders.join(" ")}` }];
  if (reason.code === "LockUnknown") return [{ level: "error", message: `Error testing lock: ${reason.detail}` }];
  if (reason.code !== "DrainTimedOut") return [];
  const error = timedOut(reason.afterMs);
  const then = "will release lock and retry cordon and drain before rebooting when lock is next acquired";
  return [
    { level: "error", message: `Error draining ${node}: ${error}` },
    { level: "error", message: `Unable to cordon or drain ${node}: ${error}, ${then}` },
    { level: "info", message: "Performing a best-effort uncordon after failed cordon and drain" },
  ];
}

function delayLines(
  { phase, outcome, drainedAtMs }: MaintenanceRecord,
  { drainDelayMs, rebootDelayMs, lockReleaseDelayMs }: Policy,
): readonly Line[] {
  const info = (message: string): Line => ({ level: "info", message });
  if (phase === "claimed" && drainDelayMs > 0) return [info(`Delaying drain for ${formatDurationMs(drainDelayMs)}`)];
  if (phase === "draining" && drainedAtMs !== undefined && rebootDelayMs > 0)
    return [info(`Delaying reboot for ${formatDurationMs(rebootDelayMs)}`)];
  if (phase !== "closing" || outcome === "withdrawn" || lockReleaseDelayMs <= 0) return [];
  const delay = formatDurationMs(lockReleaseDelayMs);
  return [info(`Delaying lock release by ${delay}`), info(`Waiting ${delay} before releasing lock`)];
}

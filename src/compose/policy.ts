import type { Settings } from "../config/settings.ts";
import { parseSelector } from "../core/drain/selector.ts";
import type { Freshness, Policy } from "../core/policy/policy.ts";

/** What is watched is known at once; only what an approval rests on is asked for on top. */
export const watchedFreshness: Freshness = {
  waitingMs: 5 * 60_000,
  restingMs: 5 * 60_000,
  goingMs: 5 * 60_000,
  // What gates look at is not watched.
  gatesMs: 30_000,
  decisiveMs: 10_000,
};

/**
 * What is polled costs a request each time; the shorter the period, the more an operator is in a hurry. `chance`, at
 * least 0 and below 1, is drawn once for each daemon: those that begin to wait together do not go on asking together.
 */
export function polledFreshness(periodMs: number, chance: number): Freshness {
  // A thousand nodes that wait with a period of an hour make less than ten requests a second between them.
  const waitingMs = Math.min(130_000, Math.max(1_000, periodMs / 28)) * (0.8 + 0.4 * chance);
  // Only a node in hand is rested with, and of those there are few: what people do to it is noticed this soon.
  return { waitingMs, restingMs: 5_000, goingMs: 1_000, gatesMs: waitingMs, decisiveMs: 10_000 };
}

/** The operator's wishes as the core wants them. Throws on a pod selector that `config/` should have refused. */
export function policyFor(
  settings: Settings,
  { agentProof, freshness, gates, notices }: Pick<Policy, "agentProof" | "freshness" | "gates" | "notices">,
): Policy {
  const { lock, drain, reboot } = settings;
  return {
    owner: ownerOf(settings),
    concurrency: settings.command === "coordinator" ? settings.maxUnavailable : lock.concurrency,
    lockTtlNs: lock.ttlNanoseconds,
    lockReleaseDelayMs: lock.releaseDelayMs,
    window: settings.window,
    gates,
    drain: {
      force: true,
      ignoreDaemonSets: true,
      deleteEmptyDirData: true,
      skipWaitForDeleteSeconds: drain.skipWaitForDeleteTimeoutSeconds,
      gracePeriodSeconds: drain.gracePeriodSeconds ?? -1,
      rules: drain.rules,
      ...podSelector(drain.podSelector),
    },
    // Classic sees neither budgets nor other nodes.
    drainFeasibility: settings.command === "coordinator" ? drain.feasibility : "off",
    drainTimeoutMs: drain.timeoutMs ?? 0,
    onDrainTimeout: settings.forceReboot ? "force" : drain.onTimeout,
    drainHardEndMs: drain.hardEndMs,
    volumeDetachTimeoutMs: drain.volumeDetachTimeoutMs,
    readyElsewhere: drain.readyElsewhere,
    drainDelayMs: drain.delayMs,
    rebootDelayMs: reboot.delayMs,
    rebootDeadlineMs: reboot.deadlineMs,
    failedReboot: reboot.failed === "give-back" ? "giveBack" : "keepCordon",
    // A period of nothing means to look only once; what was given up must rest all the same.
    retryMs: settings.periodMs > 0 ? settings.periodMs : 60 * 60_000,
    agentProof,
    evictionsInFlight: 30,
    freshness,
    notices,
    marks: {
      annotateNodes: settings.annotateNodes,
      taint: settings.preferNoScheduleTaint,
      ...labelsOf("labelsBefore", settings.preRebootNodeLabels),
      ...labelsOf("labelsAfter", settings.postRebootNodeLabels),
    },
    ...self(settings),
  };
}

/** `namespace/name` of our DaemonSet. */
export function ownerOf({ lock }: Settings): string {
  return `${lock.daemonSetNamespace}/${lock.daemonSetName}`;
}

/** Of a key that is given twice the last value counts. */
function labelsOf(name: "labelsBefore" | "labelsAfter", labels: Settings["preRebootNodeLabels"]) {
  return labels === undefined ? {} : { [name]: Object.fromEntries(labels.map(({ key, value }) => [key, value])) };
}

/** Where a coordinator itself runs: its own pod is never evicted by it, and its node goes last (rule 9). */
function self({ command, pod, nodeId }: Settings): Pick<Policy, "self"> {
  if (command !== "coordinator" || nodeId === "") return {};
  return { self: { namespace: pod.namespace, pod: pod.name, node: nodeId } };
}

function podSelector(text: string): Pick<Policy["drain"], "podSelector"> {
  if (text === "") return {};
  const parsed = parseSelector(text);
  if (parsed.kind === "invalid") throw new Error(`--drain-pod-selector ${JSON.stringify(text)}: ${parsed.reason}`);
  return { podSelector: parsed.selector };
}

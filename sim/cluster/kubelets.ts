import { at, objectAt, textAt } from "../apiserver/objects/json.ts";
import { kubeTime } from "../apiserver/objects/object.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { podPath } from "./admin.ts";
import { withCondition } from "./conditions.ts";
import type { Machine } from "./power.ts";
import type { Controller, Scene } from "./scene.ts";
import type { SeenPod } from "./seen-pods.ts";

/** Starts, readies and ends the pods of machines that are up; those of lost machines are called not ready. */
export const kubelets: Controller = { reads: [{ plural: "pods" }], probes: true, step: stepKubelets };

function stepKubelets(scene: Scene): void {
  for (const seen of scene.pods.all()) {
    const machine = scene.machines.get(seen.node);
    if (machine === undefined) continue;
    // Nearly all pods at nearly every step.
    if (seen.settledOn === machine && !scene.failing.has(seen.pod.metadata.uid)) continue;
    if (machine.kind === "down") loseTouch(seen, { machine, scene });
    else if (seen.terminating) endPod(seen.pod, scene);
    else runPod(seen, { machine, scene });
  }
}

/** What a pod's status says about the boot that its containers were started in; no kubelet says so. */
const startedIn = "kured-sim/boot";

/** Whether a pod's containers have been started in this boot of its machine. */
export function isStarted(pod: KubeObject, bootId: string): boolean {
  return textAt(pod, "status", startedIn) === bootId;
}

function runPod(
  seen: SeenPod,
  { machine, scene }: { readonly machine: Machine & { readonly kind: "up" }; readonly scene: Scene },
): void {
  const { pod } = seen;
  if (seen.finished) return;
  const started = isStarted(pod, machine.bootId);
  const startMs = Date.parse(textAt(pod, "status", "startTime") ?? "");
  if (!started || Number.isNaN(startMs)) return startPod(pod, { machine, scene });
  scene.lookAgainAt(startMs + scene.timing.podReadyAfterMs);
  const ready = scene.nowMs - startMs >= scene.timing.podReadyAfterMs && !scene.failing.has(pod.metadata.uid);
  if (seen.ready !== ready) setReadiness(pod, { ready, scene });
  else if (ready) seen.settledOn = machine;
}

/** For the first time, or again because the machine was rebooted under it. */
function startPod(
  pod: KubeObject,
  { machine, scene }: { readonly machine: Machine & { readonly kind: "up" }; readonly scene: Scene },
): void {
  const status = {
    ...objectAt(pod, "status"),
    [startedIn]: machine.bootId,
    phase: "Running",
    // Rounded up, so that readiness is never early.
    startTime: kubeTime(Math.ceil(scene.nowMs / 1000) * 1000),
    conditions: withCondition(pod, {
      condition: { type: "Ready", status: "False", reason: "ContainersNotReady" },
      nowMs: scene.nowMs,
    }),
  };
  scene.admin.setStatus(podPath(pod), status);
}

function setReadiness(pod: KubeObject, { ready, scene }: { readonly ready: boolean; readonly scene: Scene }): void {
  const condition = { type: "Ready", status: ready ? "True" : "False" } as const;
  const conditions = withCondition(pod, { condition, nowMs: scene.nowMs });
  scene.admin.setStatus(podPath(pod), { ...objectAt(pod, "status"), conditions });
}

/** The deletion timestamp is the deadline; most pods end sooner. */
function endPod(pod: KubeObject, { admin, nowMs, timing, lookAgainAt }: Scene): void {
  const deadlineMs = Date.parse(textAt(pod, "metadata", "deletionTimestamp") ?? "");
  const graceMs = Number(at(pod, "metadata", "deletionGracePeriodSeconds") ?? 0) * 1000;
  const stoppedMs = deadlineMs - graceMs + Math.min(graceMs, timing.podStopsAfterMs);
  lookAgainAt(stoppedMs);
  if (nowMs >= stoppedMs) admin.remove(podPath(pod));
}

function loseTouch(
  { pod, ready }: SeenPod,
  { machine, scene }: { readonly machine: Machine & { readonly kind: "down" }; readonly scene: Scene },
): void {
  scene.lookAgainAt(machine.sinceMs + scene.timing.nodeGraceMs);
  const lost = scene.nowMs - machine.sinceMs >= scene.timing.nodeGraceMs;
  if (lost && ready) setReadiness(pod, { ready: false, scene });
}

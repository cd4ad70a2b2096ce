import { decodeOwnNode } from "../core/host/own-node.ts";
import type { Commit, HostView, SentinelSighting } from "../core/host/view.ts";
import type { CommandResult, ShutdownState } from "../core/fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../core/fleet/request.ts";
import type { KubeObject } from "../kube/object.ts";
import { createAttempts, type Attempts } from "../loop/attempts.ts";
import { createWaking, type Waking } from "../loop/waking.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** Everything that an agent knows: its machine, its Node, and how far its own commit has come. */
export interface Machine extends Pick<Waking, "version" | "changedSince" | "changed" | "lastRoundAtMs"> {
  view(): HostView;
  readonly attempts: Attempts;
  sawSentinel(sighting: SentinelSighting): void;
  sawShutdown(state: ShutdownState): void;
  /** Our Node, from a watch, a look or the answer to a write; an older one than known is ignored. */
  sawNode(node: KubeObject, observedAtMs: number): void;
  /** The texts of the Node's pause and hold, as last seen: a commit is only right while they are these. */
  requestTexts(): RequestTexts;
  setImpediment(reason: string | undefined): void;
  drewNonce(value: string): void;
  commitSent(approval: string): void;
  commitConfirmed(): void;
  commanding(): void;
  commandEnded(result: CommandResult): void;
  commitDropped(): void;
}

/** Annotations of people, `undefined` where there is none. */
export interface RequestTexts {
  readonly pause: string | undefined;
  readonly hold: string | undefined;
}

/** What is known of a machine when its agent starts. */
export interface MachineParts {
  readonly clock: Clock;
  readonly random: Random;
  /** The pod that we run in; empty where it is not known. */
  readonly pod: string;
  /** In the form of `formatBoot`. */
  readonly boot: string;
  readonly bootedAtMs?: number;
}

/** A machine of which nothing is known yet but its boot. */
export function createMachine({ clock, random, pod, boot, bootedAtMs }: MachineParts): Machine {
  const waking = createWaking(clock);
  const attempts = createAttempts({ clock, random });
  let view: Omit<HostView, "attempts"> = {
    pod,
    boot,
    startedAtMs: clock.now().monotonicMs,
    ...(bootedAtMs !== undefined && { bootedAtMs }),
  };
  let nodeVersion = 0;
  let requests: RequestTexts = { pause: undefined, hold: undefined };
  const set = (change: Partial<HostView>) => {
    view = { ...view, ...change };
    waking.changed();
  };
  const setCommit = (state: Commit["state"]) => {
    if (view.commit) set({ commit: { ...view.commit, state } });
  };
  return {
    version: waking.version,
    changedSince: waking.changedSince,
    lastRoundAtMs: waking.lastRoundAtMs,
    changed: waking.changed,
    attempts,
    view: () => ({ ...view, attempts: attempts.all }),
    sawSentinel: (sentinel) => set({ sentinel }),
    sawShutdown: (state) => set({ shutdown: { state, observedAtMs: clock.now().monotonicMs } }),
    sawNode: (object, observedAtMs) => {
      const version = Number(object.resourceVersion);
      if (view.node?.uid === object.uid && version < nodeVersion) return;
      nodeVersion = version;
      requests = { pause: object.annotations[pauseAnnotation], hold: object.annotations[holdAnnotation] };
      set({ node: decodeOwnNode(object, { observedAtMs, wallMs: clock.now().wallMs }) });
    },
    requestTexts: () => requests,
    setImpediment: (reason) => {
      const { impediment: _old, ...others } = view;
      view = reason === undefined ? others : { ...others, impediment: reason };
      waking.changed();
    },
    drewNonce: (value) => set({ nonce: { value, drawnAtMs: clock.now().monotonicMs } }),
    commitSent: (approval) =>
      set({ commit: { approval, sentAtMs: clock.now().monotonicMs, state: { kind: "unsure" } } }),
    commitConfirmed: () => setCommit({ kind: "confirmed" }),
    commanding: () => setCommit({ kind: "commanding" }),
    commandEnded: (result) => setCommit({ kind: "ended", result }),
    commitDropped: () => {
      const { commit: _dropped, ...others } = view;
      view = others;
      waking.changed();
    },
  };
}

import { readiness } from "../attempt.ts";
import type { Now } from "../now.ts";
import type { HostAction, HostQuestion } from "./action.ts";
import type { HostPolicy } from "./policy.ts";
import type { HostView, OwnNode } from "./view.ts";

/** What every rule of an agent is given; its Node has been seen. */
export interface HostScene {
  readonly view: HostView;
  readonly policy: HostPolicy;
  readonly now: Now;
  readonly node: OwnNode;
}

/** What follows for the agent: what to do, what to find out, and when to look again although nothing happens. */
export interface HostStep {
  readonly actions?: readonly HostAction[];
  readonly questions?: readonly HostQuestion[];
  readonly wakeAtMs?: number;
}

/** A step that does this one action as soon as its key is free. */
export function whenFree({ view, now }: HostScene, action: HostAction): HostStep {
  const ready = readiness(action.key, { attempts: view.attempts, now });
  if (ready.kind === "free") return { actions: [action] };
  return ready.kind === "resting" ? { wakeAtMs: ready.untilMs } : {};
}

/** Both steps. */
export function also(step: HostStep, more: HostStep): HostStep {
  return {
    actions: [...(step.actions ?? []), ...(more.actions ?? [])],
    questions: [...(step.questions ?? []), ...(more.questions ?? [])],
    wakeAtMs: Math.min(step.wakeAtMs ?? Infinity, more.wakeAtMs ?? Infinity),
  };
}

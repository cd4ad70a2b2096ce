import { decideHost } from "../core/host/decide-host.ts";
import type { HostPolicy } from "../core/host/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { AgentHands } from "./hands.ts";
import type { Machine } from "./machine.ts";
import type { Senses } from "./senses.ts";

/** What an agent is made of; `compose/` puts it together. */
export interface AgentParts {
  readonly machine: Machine;
  readonly policy: HostPolicy;
  readonly clock: Clock;
  readonly senses: Senses;
  readonly hands: AgentHands;
  readonly signal: AbortSignal;
}

/**
 * Attends to one machine for as long as `signal` lets it: says what it needs, and reboots it when that has been
 * approved. Rejects with `signal.reason`; every other failure is in the view.
 */
export async function attend({ machine, policy, clock, senses, hands, signal }: AgentParts): Promise<never> {
  for (;;) {
    signal.throwIfAborted();
    const version = machine.version();
    const { actions, questions, wakeAtMs } = decideHost(machine.view(), policy, clock.now());
    for (const action of actions) hands.start(action);
    const lookAtMs = senses.look(questions);
    await machine.changedSince(version, { untilMs: Math.min(wakeAtMs, lookAtMs), signal });
  }
}

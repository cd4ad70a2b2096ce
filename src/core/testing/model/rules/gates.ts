import type { Action } from "../../../action.ts";
import type { Decision } from "../../../decide.ts";
import type { Now } from "../../../now.ts";
import type { Decider } from "../decider/decider.ts";
import { recordOf } from "./lock.ts";
import type { Break, Scenery } from "./scenery.ts";

/** Nothing begins while a blocker says no or cannot be asked (rule 7), by what the blockers really said. */
export class RulesOfTheGates {
  readonly #scenery: Scenery;
  readonly #break: Break;
  /** Maintenances of which something has been evicted: a drain raises alerts of its own, so these go on. */
  readonly #drained = new Set<string>();

  constructor(scenery: Scenery, broken: Break) {
    this.#scenery = scenery;
    this.#break = broken;
  }

  /** Each step was decided on an answer that was true not longer ago than a decisive look may be old. */
  decided(decider: Decider, { actions }: Decision, { monotonicMs }: Now): void {
    for (const action of actions) {
      const begun = this.#begun(action);
      if (begun === undefined) continue;
      const shut = this.#shutSince(action.node, monotonicMs - this.#answerMs());
      if (shut !== undefined) this.#break("7", `${decider.name} ${begun} of ${action.node} although ${shut}`);
    }
  }

  /** The step for which every blocker is asked, if it is one of these. */
  #begun(action: Action): string | undefined {
    if (action.kind === "writeRecord") return asked.has(action.step) ? action.step : undefined;
    if (action.kind !== "evict") return undefined;
    const id = recordOf(this.#scenery, action.node)?.id ?? action.node;
    const isFirst = !this.#drained.has(id);
    this.#drained.add(id);
    return isFirst ? "the first eviction" : undefined;
  }

  /**
   * Whoever approved may be dead by now, and nobody takes the approval back then: what bounds it is how long an agent
   * keeps its nonce, which it had drawn before, and how long it may take from the commit to the command.
   */
  commanded(name: string): void {
    const { timeline } = this.#scenery;
    const shut = this.#shutSince(name, timeline.nowMs - this.#answerMs() - nonceMs - commitMs);
    if (shut !== undefined) this.#break("7", `the reboot of ${name} although ${shut}`);
  }

  /** How old an answer may be: it takes its time to come, and counts as long as the slowest one takes. */
  #answerMs(): number {
    const { cluster, policy } = this.#scenery;
    const slowestMs = cluster.gates.answerMs + latencyMs;
    return slowestMs + Math.max(policy.freshness.decisiveMs, slowestMs);
  }

  #shutSince(name: string, instantMs: number): string | undefined {
    const { cluster, policy } = this.#scenery;
    const shut = policy.gates.filter(({ name: gate, scope }) => {
      const question = { gate, ...(scope === "node" && { node: name }) };
      return cluster.gates.openUntilMs(question) < instantMs;
    });
    return shut.length === 0 ? undefined : `${shut.map((gate) => gate.name).join(" and ")} had not been open since`;
  }
}

const asked: ReadonlySet<string> = new Set(["intend", "cordon", "approve"]);
const nonceMs = 60_000;
const latencyMs = 200;
const commitMs = 10_000;

import type { Decision } from "../../../decide.ts";
import type { View } from "../../../fleet/view.ts";
import type { Now } from "../../../now.ts";
import type { Agent } from "../agent/agent.ts";
import type { Changed } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import type { Decider } from "../decider/decider.ts";
import { RulesOfDecisions } from "./decisions.ts";
import { RulesOfTheGates } from "./gates.ts";
import { RulesOfTheLock } from "./lock.ts";
import { RulesOfTheNotices } from "./notices.ts";
import { RulesOfTheNodes } from "./nodes.ts";
import type { Scenery } from "./scenery.ts";

/** The rules that never bend, checked at every write, every decision and every command of a model world. */
export class Rules {
  readonly broken: string[] = [];
  readonly nodes: RulesOfTheNodes;
  readonly notices: RulesOfTheNotices;
  readonly #lock: RulesOfTheLock;
  readonly #decisions: RulesOfDecisions;
  readonly #gates: RulesOfTheGates;

  constructor(scenery: Scenery) {
    const broken = (rule: string, what: string) => {
      this.broken.push(`rule ${rule}: ${what} (at ${scenery.timeline.nowMs} ms)`);
    };
    this.nodes = new RulesOfTheNodes(scenery, { broken, over: (name) => this.#lock.forget(name) });
    this.notices = new RulesOfTheNotices(scenery, broken);
    this.#lock = new RulesOfTheLock(scenery, { broken, marks: this.nodes });
    this.#decisions = new RulesOfDecisions(scenery, broken);
    this.#gates = new RulesOfTheGates(scenery, broken);
  }

  node(change: Changed<ModelNode>): void {
    this.nodes.changed(change);
    const { action, after } = change;
    if (action?.kind === "writeRecord" && after) this.notices.written(action);
    this.#lock.countHolders();
  }

  ledger(change: Changed<string>): void {
    for (const name of this.#lock.changed(change)) this.nodes.forgotten(name);
    this.#lock.countHolders();
  }

  decided(decider: Decider, decision: Decision, scene: { view: View; now: Now }): void {
    this.#decisions.decided(decider, decision, scene);
    this.#gates.decided(decider, decision, scene.now);
  }

  commanded(agent: Agent, approval: string, sentAtMs: number): void {
    this.nodes.commanded(agent, approval, sentAtMs);
    this.#gates.commanded(agent.host.name);
  }
}

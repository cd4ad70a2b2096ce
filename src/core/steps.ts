import type { Step } from "./scene.ts";

/**
 * The steps of one decision, by the position of their node in the view. Lists rather than a map by name: for thousands
 * of nodes that would be the most expensive part of a decision in which nothing happens.
 */
export class Steps {
  readonly #steps: (Step | undefined)[];
  readonly #order: number[] = [];

  /** Of so many nodes. */
  constructor(nodes: number) {
    this.#steps = Array.from({ length: nodes });
  }

  at(position: number): Step | undefined {
    return this.#steps[position];
  }

  /** A step for a node, in place of the one that it had, if any. */
  set(position: number, step: Step): void {
    if (this.#steps[position] === undefined) this.#order.push(position);
    this.#steps[position] = step;
  }

  /** In the order in which the nodes got their first. */
  forEach(each: (step: Step) => void): void {
    for (const position of this.#order) {
      const step = this.#steps[position];
      if (step !== undefined) each(step);
    }
  }
}

import type { ProxiedRequest } from "./requests.ts";

export type HoldPoint =
  /** The API server has not seen the write. */
  | "before"
  /** It has acted; whoever asked does not know. */
  | "after";

/** A write that stands still until the test lets it go on. */
export interface HeldWrite {
  readonly request: ProxiedRequest;
  readonly at: HoldPoint;
  /** Lets it go on; a write whose asker is gone meanwhile does not reach the API server. */
  release(): void;
  /** Breaks the connection instead. */
  drop(): void;
}

/** The writes of one proxy that are to be held, by number and point. */
export class Holds {
  readonly #planned = new Map<string, (held: HeldWrite) => void>();
  readonly #held = new Set<HeldWrite>();

  /** Resolves when the write has come to that point, and stands there. */
  plan(write: number, at: HoldPoint): Promise<HeldWrite> {
    return new Promise((resolve) => {
      this.#planned.set(`${write} ${at}`, resolve);
    });
  }

  /** Resolves with what is to become of the request at this point: at once, unless it is to be held here. */
  async pass(request: ProxiedRequest, at: HoldPoint): Promise<"go on" | "drop"> {
    const key = `${request.write ?? "not counted"} ${at}`;
    const told = this.#planned.get(key);
    if (told === undefined) return "go on";
    this.#planned.delete(key);
    return new Promise((resolve) => {
      const settle = (outcome: "go on" | "drop"): void => {
        this.#held.delete(held);
        resolve(outcome);
      };
      const held: HeldWrite = { request, at, release: () => settle("go on"), drop: () => settle("drop") };
      this.#held.add(held);
      told(held);
    });
  }

  /** Lets everything go that is held, and nothing be held that is planned. */
  clear(): void {
    this.#planned.clear();
    for (const held of this.#held) held.drop();
  }
}

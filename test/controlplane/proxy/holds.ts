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
  readonly #planned = new Map<
    string,
    { readonly come: (held: HeldWrite) => void; readonly deadline: NodeJS.Timeout }
  >();
  readonly #held = new Set<HeldWrite>();

  /** Resolves when the write has come to that point, and stands there; rejects when it has not come in two minutes. */
  plan(write: number, at: HoldPoint): Promise<HeldWrite> {
    return new Promise((resolve, reject) => {
      const late = new Error(`Write ${write}, which was to be held ${at} the API server, never came`);
      const deadline = setTimeout(reject, 120_000, late);
      this.#planned.set(`${write} ${at}`, { come: resolve, deadline });
    });
  }

  /** Resolves with what is to become of the request at this point: at once, unless it is to be held here. */
  async pass(request: ProxiedRequest, at: HoldPoint): Promise<"go on" | "drop"> {
    const key = `${request.write ?? "not counted"} ${at}`;
    const planned = this.#planned.get(key);
    if (planned === undefined) return "go on";
    this.#planned.delete(key);
    clearTimeout(planned.deadline);
    return new Promise((resolve) => {
      const settle = (outcome: "go on" | "drop"): void => {
        this.#held.delete(held);
        resolve(outcome);
      };
      const held: HeldWrite = { request, at, release: () => settle("go on"), drop: () => settle("drop") };
      this.#held.add(held);
      planned.come(held);
    });
  }

  /** Lets everything go that is held, and nothing be held that is planned. */
  clear(): void {
    for (const { deadline } of this.#planned.values()) clearTimeout(deadline);
    this.#planned.clear();
    for (const held of this.#held) held.drop();
  }
}

import type { Controller, Scene } from "./scene.ts";

/** Lets one controller look only when something that it goes by has changed, or when its time has come. */
export class Attention {
  readonly #controller: Controller;
  #seen: readonly unknown[] = [];
  #againAtMs = -Infinity;

  constructor(controller: Controller) {
    this.#controller = controller;
  }

  step(scene: Omit<Scene, "lookAgainAt">): void {
    const { reads, probes = false, step } = this.#controller;
    const { server, machines, failing, nowMs } = scene;
    // The server hands out the same list until something of that kind is written.
    const lists = reads.map(({ plural, group = "" }) => server.objects(plural, { group }));
    const sees = [...lists, machines, ...(probes ? failing : [])];
    if (nowMs < this.#againAtMs && isSame(sees, this.#seen)) return;
    // As it was before the controller writes, so that it looks at what it has written.
    this.#seen = sees;
    this.#againAtMs = Infinity;
    step({
      ...scene,
      lookAgainAt: (instantMs) => {
        if (instantMs > nowMs) this.#againAtMs = Math.min(this.#againAtMs, instantMs);
      },
    });
  }
}

function isSame(ones: readonly unknown[], others: readonly unknown[]): boolean {
  return ones.length === others.length && ones.every((one, index) => one === others[index]);
}

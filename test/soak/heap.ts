import type { Daemon } from "../controlplane/daemon.ts";

/** What makes a daemon that runs on Node let itself be looked into; any other takes no notice. */
export const inspectable = { NODE_OPTIONS: "--inspect=127.0.0.1:0" } as const;

const answerWithinMs = 2_000;

/** What a process holds after a collection of everything: what it cannot let go of, and no rubbish. */
export class Heap {
  readonly #daemon: Daemon;
  #run = 0;
  #inspector: Inspector | undefined;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /**
   * Objects and buffers in megabytes; `undefined` where it does not answer: it is frozen, not running, or does not run
   * on Node.
   */
  async heldMegabytes(): Promise<number | undefined> {
    const inspector = this.#ofThisRun();
    if (inspector === undefined) return undefined;
    try {
      await inspector.ask("HeapProfiler.collectGarbage");
      const { usedSize = 0, backingStorageSize = 0 } = await inspector.ask("Runtime.getHeapUsage");
      return (usedSize + backingStorageSize) / 2 ** 20;
    } catch {
      return undefined;
    }
  }

  stop(): void {
    this.#inspector?.close();
  }

  #ofThisRun(): Inspector | undefined {
    const run = this.#daemon.runs();
    if (run === this.#run) return this.#inspector;
    const said = this.#daemon.lines().findLast((line) => line.run === run && line.text.startsWith(listening));
    if (said === undefined) return undefined;
    this.stop();
    this.#run = run;
    this.#inspector = new Inspector(said.text.slice(listening.length));
    return this.#inspector;
  }
}

const listening = "Debugger listening on ";

/** Node's own inspector, over its WebSocket. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #open = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<never>();
  readonly #waiting = new Map<number, (result: Numbers) => void>();
  #asked = 0;

  constructor(address: string) {
    this.#socket = new WebSocket(address);
    this.#ended.promise.catch(() => undefined); // Nobody may be asking when it ends.
    this.#socket.addEventListener("open", () => this.#open.resolve());
    for (const end of ["error", "close"])
      this.#socket.addEventListener(end, () => this.#ended.reject(new Error("The process has ended")));
    this.#socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: Numbers };
      if (id === undefined) return;
      this.#waiting.get(id)?.(result ?? {});
      this.#waiting.delete(id);
    });
  }

  /** Rejects when there is no answer in time, or the process has ended. */
  async ask(method: string): Promise<Numbers> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`No answer to ${method}`)), answerWithinMs);
    try {
      return await Promise.race([this.#ask(method), late.promise, this.#ended.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: string): Promise<Numbers> {
    await this.#open.promise;
    this.#asked += 1;
    const id = this.#asked;
    const { promise, resolve } = Promise.withResolvers<Numbers>();
    this.#waiting.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method }));
    return await promise;
  }
}

type Numbers = Readonly<Record<string, number>>;

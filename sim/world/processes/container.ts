import type { Timeline } from "../time/timeline.ts";
import type { Incarnation } from "./incarnation.ts";
import { Life } from "./life.ts";

/** What a container is of: one of kured's processes in one pod on one machine. */
export interface Workplace {
  readonly role: Role;
  readonly machine: string;
  readonly pod: { readonly name: string; readonly uid: string };
}

/** kured's three daemons. */
export type Role = "agent" | "coordinator" | "classic";

/** What starts a process in a container. */
export interface ContainerParts {
  readonly workplace: Workplace;
  readonly timeline: Timeline;
  readonly start: (
    container: Container,
    run: { readonly life: Life; readonly exited: (fault: string | undefined) => void },
  ) => Incarnation;
  readonly note: (what: string) => void;
  /** A process ended with an error of its own. */
  readonly failed: (fault: string) => void;
}

const firstBackOffMs = 10_000;
const longestBackOffMs = 300_000;
/** A container that ran for so long starts at once again. */
const goodRunMs = 600_000;

/** One container as its kubelet keeps it: started again whenever its process ends, later each time. */
export class Container {
  readonly workplace: Workplace;
  /** How many processes have run in it. */
  runs = 0;
  readonly #parts: ContainerParts;
  #life = new Life();
  #incarnation: Incarnation | undefined;
  #startedAtMs = 0;
  #backOffMs = 0;
  #terminated = false;
  #removed = false;

  constructor(parts: ContainerParts) {
    this.workplace = parts.workplace;
    this.#parts = parts;
    this.#start();
  }

  get life(): Life {
    return this.#life;
  }

  get name(): string {
    const { role, machine, pod } = this.workplace;
    return `${role}/${machine}/${pod.name}`;
  }

  /** Whether its readiness probe would succeed. */
  get serves(): boolean {
    const upMs = this.#parts.timeline.nowMs - this.#startedAtMs;
    return this.#life.state === "running" && this.#incarnation !== undefined && upMs >= 2_000;
  }

  /** As a kill -9, or the kernel when memory is short. */
  kill(why: string): void {
    if (this.#life.state === "dead") return;
    this.#parts.note(`${this.name}: killed (${why})`);
    this.#life.kill();
    this.#ended();
  }

  freeze(forMs: number): void {
    const { life } = this;
    if (life.state !== "running") return;
    this.#parts.note(`${this.name}: frozen for ${forMs} ms`);
    life.freeze();
    this.#parts.timeline.after(forMs, () => life.thaw());
  }

  /** Asks its process to end, and starts no other. */
  terminate(): void {
    if (this.#terminated) return;
    this.#terminated = true;
    this.#parts.note(`${this.name}: told to end`);
    this.#incarnation?.terminate();
  }

  /** The process is asked to end and another is started, as after a failed liveness probe. */
  restart(): void {
    this.#incarnation?.terminate();
  }

  /** Its pod or its machine is gone. */
  remove(): void {
    this.#removed = true;
    this.#life.kill();
  }

  #start(): void {
    if (this.#removed || this.#terminated) return;
    const { timeline, start, note, failed } = this.#parts;
    this.#life = new Life();
    this.#startedAtMs = timeline.nowMs;
    this.runs += 1;
    note(`${this.name}: started (${this.runs})`);
    const exited = (fault: string | undefined): void => {
      note(`${this.name}: exited${fault === undefined ? "" : `: ${fault}`}`);
      if (fault !== undefined) failed(`${this.name}: ${fault}`);
      this.#ended();
    };
    this.#incarnation = start(this, { life: this.#life, exited });
  }

  #ended(): void {
    this.#incarnation = undefined;
    const { timeline } = this.#parts;
    if (timeline.nowMs - this.#startedAtMs > goodRunMs) this.#backOffMs = 0;
    const restMs = this.#backOffMs;
    this.#backOffMs = Math.min(longestBackOffMs, restMs === 0 ? firstBackOffMs : 2 * restMs);
    timeline.after(1_000 + restMs, () => this.#start());
  }
}

import type { Cluster } from "../../cluster/cluster.ts";
import type { Dice } from "../time/dice.ts";
import { MachineTime } from "../time/machine-time.ts";
import type { ClockError } from "../time/machine-time.ts";
import type { Appointment, Timeline } from "../time/timeline.ts";

/** What the command to reboot does. */
export type CommandMode =
  /** Says yes, and the machine goes down within seconds. */
  | "works"
  /** Says yes, and the machine goes down minutes later. */
  | "slow"
  /** Says no, and nothing happens. */
  | "fails"
  /** Says no, and the machine goes down all the same. */
  | "failsAndReboots"
  /** Does not end, and nothing happens. */
  | "hangs"
  /** Does not end, and the machine goes down all the same. */
  | "hangsAndReboots"
  /** Says yes, and nothing happens. */
  | "nothing"
  /** There is no such program. */
  | "missing";

/** What becomes of a machine that went down. */
export type ReturnMode =
  /** Back in a minute or so. */
  | "back"
  /** Long after everybody gave up. */
  | "late"
  /** Not before somebody goes there. */
  | "never"
  /** Another machine under the same name: its Node is a new one. */
  | "another";

/** What the sentinel says of the machine. */
export type SentinelMode = "absent" | "present" | "unreadable";

/** Where a machine stands. */
export interface MachineParts {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly cluster: Cluster;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly clockError: ClockError;
  readonly note: (what: string) => void;
  /** Told when the machine begins to go down, is off, and is up again: what runs on it lives by that. */
  readonly power: (state: PowerState) => void;
}

/** Whether a machine runs. */
export type PowerState = "up" | "stopping" | "off";

/** A machine that exists only here: it reboots, hangs, comes back late, never, or as another one. */
export class Machine {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly time: MachineTime;
  state: PowerState = "up";
  mode: CommandMode = "works";
  returns: ReturnMode = "back";
  sentinel: SentinelMode = "absent";
  /** The sentinel is there again after the boot. */
  stubborn = false;
  boots = 1;
  readonly #parts: MachineParts;
  readonly #watchers = new Set<() => void>();
  #bootedAtMs: number;
  #goingDown: Appointment | undefined;

  constructor(parts: MachineParts) {
    const { name, controlPlane, timeline, clockError } = parts;
    this.name = name;
    this.controlPlane = controlPlane;
    this.#parts = parts;
    this.time = new MachineTime(timeline, clockError);
    this.#bootedAtMs = this.time.now().wallMs - 3_600_000;
  }

  get bootId(): string {
    return bootIdOf(this.name, this.boots);
  }

  /** When this boot began, by the machine's own clock. */
  get bootedAtMs(): number {
    return this.#bootedAtMs;
  }

  /** Whether a shutdown has begun or is sure to. */
  get isGoingDown(): boolean {
    return this.#goingDown !== undefined || this.state === "stopping";
  }

  setSentinel(mode: SentinelMode): void {
    this.#parts.note(`${this.name}: sentinel ${mode}`);
    this.sentinel = mode;
    for (const changed of this.#watchers) changed();
  }

  /** Calls `changed` when the sentinel may have changed; the answer ends that. */
  onSentinel(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** A shutdown begins after so long, unless one is under way already. */
  goDown(inMs: number): void {
    if (this.isGoingDown || this.state !== "up") return;
    this.#parts.note(`${this.name}: shutdown in ${inMs} ms`);
    this.#goingDown = this.#parts.timeline.after(inMs, () => this.#stop());
  }

  /** Its power is cut: nothing is stopped first. */
  losePower(): void {
    if (this.state === "off") return;
    this.#goingDown?.cancel();
    this.#off();
  }

  /** Somebody presses the button of a machine that is off. */
  pressPower(): void {
    if (this.state === "off") this.#boot();
  }

  #stop(): void {
    if (this.state !== "up") return;
    this.#setState("stopping");
    this.#parts.timeline.after(this.#parts.dice.between(500, 9_000), () => {
      if (this.state === "stopping") this.#off();
    });
  }

  #off(): void {
    const { cluster, timeline, dice, name } = this.#parts;
    this.#goingDown = undefined;
    this.#setState("off");
    cluster.powerOff(name);
    if (this.returns === "never") return;
    const afterMs = this.returns === "late" ? dice.between(11, 25) * 60_000 : dice.between(15_000, 100_000);
    timeline.after(afterMs, () => {
      if (this.state === "off") this.#boot();
    });
  }

  #boot(): void {
    const { cluster, name, timeline } = this.#parts;
    this.boots += 1;
    this.time.booted();
    this.#bootedAtMs = this.time.now().wallMs;
    if (!this.stubborn && this.sentinel !== "unreadable") this.sentinel = "absent";
    if (this.returns === "another") cluster.removeNode(name);
    this.#register();
    this.#setState("up");
    timeline.after(0, () => cluster.step());
  }

  /** The kubelet says that the machine is there, and makes its Node where there is none. */
  #register(): void {
    const { cluster, name, controlPlane } = this.#parts;
    const { bootId } = this;
    if (cluster.admin.get(`/api/v1/nodes/${name}`) === undefined) cluster.addNode(name, { controlPlane, bootId });
    else cluster.powerOn(name, { bootId });
  }

  /** A machine that runs and whose Node was deleted registers anew, as a kubelet does when it is restarted. */
  registerAgain(): void {
    if (this.state !== "off") this.#register();
  }

  #setState(state: PowerState): void {
    this.state = state;
    this.#parts.note(`${this.name}: ${state}`);
    this.#parts.power(state);
  }
}

/** What the kernel of that boot calls it. */
export function bootIdOf(name: string, boots: number): string {
  return `${name}-boot-${boots}`;
}

import type { CommandResult, Need } from "../../../fleet/report.ts";
import type { Cluster } from "../cluster.ts";
import type { Living } from "../network.ts";
import type { Timeline } from "../timeline.ts";

/** What the reboot command of a machine does. */
export type CommandMode =
  /** Says yes, and the machine goes down a little later. */
  | "works"
  /** Says yes, and the machine takes its time. */
  | "slow"
  /** Says no, and nothing happens. */
  | "fails"
  /** Says no, and the machine goes down all the same. */
  | "failsAndReboots"
  /** Never ends, is stopped, and nothing happens. */
  | "hangs"
  /** Says yes, and nothing happens. */
  | "nothing";

/** The agent as its machine knows it. */
export interface Tenant extends Living {
  readonly pod: string;
  start(): void;
  /** The process is gone without a word. */
  die(): void;
  /** Somebody deletes its pod; the DaemonSet makes another. */
  replacePod(): void;
  sentinelChanged(): void;
  /** Its Node changed. */
  hear(): void;
}

/** What a machine is made of. */
export interface HostParts {
  readonly name: string;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly chance: () => number;
  readonly need: Need;
  readonly mode: CommandMode;
  /** A machine begins to go down. */
  readonly goesDown: (host: Host) => void;
}

/** One machine. Its boots are numbered; what needed the reboot is gone with the next boot, unless it is stubborn. */
export class Host {
  readonly name: string;
  boot = 1;
  up = true;
  need: Need;
  /** The need survives a reboot. */
  stubborn = false;
  mode: CommandMode;
  /** Nobody can tell whether a shutdown is pending. */
  silent = false;
  shutdownPending = false;
  /** The shutdown that is pending was commanded by kured. */
  commanded = false;
  /** When the machine came up, by its wall clock. */
  bootedAtWallMs: number;
  agent: Tenant | undefined;
  readonly #parts: HostParts;

  constructor(parts: HostParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.need = parts.need;
    this.mode = parts.mode;
    this.bootedAtWallMs = parts.timeline.wallMs - 86_400_000;
  }

  get bootId(): string {
    return `${this.name}-boot-${this.boot}`;
  }

  /** What the sentinel says changes, which the agent notices at once. */
  setNeed(need: Need): void {
    this.need = need;
    this.agent?.sentinelChanged();
  }

  /** The reboot command: what becomes of the machine, and what its caller sees of it after a while. */
  runCommand(): { readonly result: CommandResult; readonly afterMs: number } {
    const { timeline, chance } = this.#parts;
    const { mode } = this;
    const commanded = { commanded: true };
    if (mode === "works") this.goDown(1_000 + chance() * 9_000, commanded);
    if (mode === "slow") this.goDown(45_000, commanded);
    if (mode === "failsAndReboots") timeline.after(1_000, () => this.goDown(15_000, commanded));
    return { result: resultOf(mode), afterMs: mode === "hangs" ? 30_000 : 300 };
  }

  /** The machine goes down after a while and comes up again: a shutdown is pending from now on. */
  goDown(afterMs: number, { commanded = false }: { commanded?: boolean } = {}): void {
    if (this.shutdownPending || !this.up) return;
    this.commanded = commanded;
    this.shutdownPending = true;
    this.#parts.goesDown(this);
    const { timeline, chance } = this.#parts;
    timeline.after(afterMs, () => {
      if (!this.up) return;
      this.up = false;
      this.agent?.die();
      const { boot } = this;
      // The cluster notices a while later, or never where it is quick.
      timeline.after(20_000, () => {
        if (!this.up && this.boot === boot) this.#ready(false);
      });
      timeline.after(31_000 + chance() * 60_000, () => this.#comeUp());
    });
  }

  #comeUp(): void {
    const { timeline, cluster, chance } = this.#parts;
    this.up = true;
    this.shutdownPending = false;
    this.commanded = false;
    this.boot += 1;
    this.bootedAtWallMs = timeline.wallMs;
    if (!this.stubborn && this.need === "required") this.need = "notRequired";
    timeline.after(1_000 + chance() * 5_000, () => {
      if (!this.up) return;
      cluster.change(this.name, { kubeletBoot: this.bootId });
      this.#ready(true);
    });
    timeline.after(1_000 + chance() * 8_000, () => this.agent?.start());
  }

  #ready(ready: boolean): void {
    const { cluster, timeline } = this.#parts;
    const node = cluster.nodes.get(this.name);
    if (node && node.ready !== ready) cluster.change(this.name, { ready, readySinceMs: timeline.nowMs });
  }
}

function resultOf(mode: CommandMode): CommandResult {
  switch (mode) {
    case "works":
    case "slow":
    case "nothing":
      return { kind: "accepted" };
    case "fails":
    case "failsAndReboots":
      return { kind: "failed", reason: "it said no", shutdown: "unknown" };
    case "hangs":
      return { kind: "hung", reason: "it did not end", shutdown: "unknown" };
  }
}

import type { ApiServer } from "../apiserver/server.ts";
import type { Admin } from "./admin.ts";
import type { Machine } from "./power.ts";
import type { SeenPods } from "./seen-pods.ts";

/** How long things take in a cluster. */
export interface Timing {
  /** From a container's start to its readiness. */
  readonly podReadyAfterMs: number;
  /** From a pod's deletion to its end, if its grace period is not shorter. */
  readonly podStopsAfterMs: number;
  /** From a machine's last word to its Node being called not ready. */
  readonly nodeGraceMs: number;
}

/** A kind of object, as `ApiServer.objects` asks for it. */
export interface Kind {
  readonly plural: string;
  readonly group?: string;
}

/** Brings what is nearer to what ought to be, and writes nothing but what it reads. */
export interface Controller {
  /** What it goes by besides the machines and time: while none of it changes, it need not look again. */
  readonly reads: readonly Kind[];
  /** Whether it also goes by what readiness probes say of pods, which nobody writes down. */
  readonly probes?: boolean;
  readonly step: (scene: Scene) => void;
}

/** What one step of a controller sees and may change. Steps look at what is, so any of them may be left out. */
export interface Scene {
  readonly server: ApiServer;
  readonly admin: Admin;
  /** By the name of the Node. A Node without a machine is left alone. */
  readonly machines: ReadonlyMap<string, Machine>;
  readonly timing: Timing;
  readonly pods: SeenPods;
  /** The uids of pods whose readiness probes would fail, however long they have been up. */
  readonly failing: ReadonlySet<string>;
  readonly nowMs: number;
  /** Asks for another look at that instant, whatever changes until then; one that is over asks for none. */
  readonly lookAgainAt: (instantMs: number) => void;
}

import type { Action } from "../../../action.ts";
import type { MaintenanceRecord } from "../../../fleet/record.ts";
import { milestones, type Milestone } from "../../../notices/notice.ts";
import { recordOf } from "./lock.ts";
import type { Break, Scenery } from "./scenery.ts";

/** People are told of everything at least once, in order, and never for certain without having been told. */
export class RulesOfTheNotices {
  readonly #scenery: Scenery;
  readonly #break: Break;
  /** By key, how often. */
  readonly told = new Map<string, number>();

  constructor(scenery: Scenery, broken: Break) {
    this.#scenery = scenery;
    this.#break = broken;
  }

  /** Somebody has been told. */
  tell(key: string): void {
    this.told.set(key, (this.told.get(key) ?? 0) + 1);
    const [, name = "", id, milestone] = key.split("/");
    const record = recordOf(this.#scenery, name);
    if (record === undefined || record.id !== id || this.told.get(key) !== 1) return;
    for (const earlier of milestones.slice(
      0,
      milestones.findIndex((one) => one === milestone),
    ))
      if (record.notices?.[earlier] === "due" && !this.#wasTold(earlier, { name, record }))
        this.#break("notices", `${milestone} of ${name} was told before ${earlier}`);
  }

  /** A decider has written a record. */
  written({ node: name, step, record, was, unschedulable }: Extract<Action, { kind: "writeRecord" }>): void {
    if (!this.#scenery.policy.notices || step === "mark") return;
    const told = (milestone: Milestone, of: MaintenanceRecord) => this.#wasTold(milestone, { name, record: of });
    for (const milestone of milestones) {
      const [before, after] = [was?.notices?.[milestone], record?.notices?.[milestone]];
      if (after === "told" && record && !told(milestone, record))
        this.#break("notices", `${name} is said to be told of ${milestone}, which nobody was`);
      if (before !== undefined && record !== undefined && after === undefined)
        this.#break("notices", `${milestone} of ${name} was lost at ${step}`);
      if (record === undefined && before === "due" && was && !told(milestone, was) && !this.#triedLong(was))
        this.#break("notices", `the record of ${name} has gone before ${milestone} was told`);
    }
    const deed: Milestone | undefined =
      step === "cordon" ? "drain" : step === "approve" ? "reboot" : step === "fail" ? "stopped" : undefined;
    const uncordons = step === "close" && record?.outcome !== "withdrawn" && unschedulable === false;
    if (deed !== undefined && record?.notices?.[deed] === undefined)
      this.#break("notices", `nobody will be told of ${deed} of ${name}`);
    if (uncordons && record?.notices?.uncordon === undefined)
      this.#break("notices", `nobody will be told of the uncordon of ${name}`);
  }

  /** Clocks of two coordinators are a little apart. */
  #triedLong({ phaseSinceMs }: MaintenanceRecord): boolean {
    return phaseSinceMs + 9 * 60_000 <= this.#scenery.timeline.wallMs;
  }

  #wasTold(milestone: Milestone, { name, record }: { name: string; record: MaintenanceRecord }): boolean {
    return this.told.has(`notify/${name}/${record.id}/${milestone}`);
  }
}

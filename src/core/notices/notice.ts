import { isJsonObject } from "../json.ts";

/** What people who asked to be notified want to know of. */
export type Milestone =
  /** The drain begins. */
  | "drain"
  /** The drain is over, and its delay too: the machine may go down now. */
  | "reboot"
  /** The node did not come back, or its reboot failed, and the roll-out has stopped (rule 8). */
  | "stopped"
  /** The node has booted, and our cordon is taken back. */
  | "uncordon";

/** All of them, in the order in which they are told. */
export const milestones: readonly Milestone[] = ["drain", "reboot", "stopped", "uncordon"];

/**
 * What one maintenance has come to that people are told of. It is `due` from the very write that makes it so, and
 * `told` once everybody has been told, or was given up; what is not in it has not happened.
 */
export type Notices = Readonly<Partial<Record<Milestone, "due" | "told">>>;

/** From a record's JSON; empty where there is none, and without whatever is not understood. */
export function decodeNotices(value: unknown): Notices {
  if (!isJsonObject(value)) return {};
  return orderedNotices((milestone) => {
    const state = value[milestone];
    return state === "due" || state === "told" ? state : undefined;
  });
}

/** Notices in their order, so that equal ones are equal texts. */
export function orderedNotices(stateOf: (milestone: Milestone) => Notices[Milestone]): Notices {
  const entries = milestones.map((milestone) => [milestone, stateOf(milestone)] as const);
  return Object.fromEntries(entries.filter(([, state]) => state !== undefined));
}

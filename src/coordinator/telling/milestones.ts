import type { Action } from "../../core/action.ts";
import type { Story } from "../story.ts";

/** What people who asked to be notified want to know of. */
export type Milestone =
  /** The drain begins. */
  | "drain"
  /** The drain is over, and its delay too: the machine may go down now. */
  | "reboot"
  /** The node has booted, and our cordon is taken back. */
  | "uncordon";

/** A story whose milestones are also told to `tell`, each once for each maintenance. */
export function withMilestones(
  story: Story,
  { tell }: { readonly tell: (milestone: Milestone, options: { readonly node: string }) => void },
): Story {
  /** By node, the record that was told of last, and what. */
  const told = new Map<string, { readonly id: string; readonly milestones: Set<Milestone> }>();
  return {
    ...story,
    after: (action) => {
      story.after(action);
      if (action.kind !== "writeRecord") return;
      const { node, was, record = was, step } = action;
      const milestone = milestoneOf(action);
      if (milestone !== undefined && record !== undefined) {
        const before = told.get(node);
        const now = before?.id === record.id ? before : { id: record.id, milestones: new Set<Milestone>() };
        told.set(node, now);
        // An approval is given anew where it was not used in time; the machine goes down only once.
        if (!now.milestones.has(milestone)) tell(milestone, { node });
        now.milestones.add(milestone);
      }
      if (step === "forget") told.delete(node);
    },
  };
}

/** They are told when they are written down, so that a refused write is told by nobody. */
function milestoneOf({ step, record, unschedulable }: Extract<Action, { kind: "writeRecord" }>): Milestone | undefined {
  if (step === "cordon") return "drain";
  if (step === "approve") return "reboot";
  const booted = record?.outcome === "done" || record?.outcome === "stillRequired";
  return step === "close" && booted && unschedulable === false ? "uncordon" : undefined;
}

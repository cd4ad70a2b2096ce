/**
 * Which boot of which machine: the kernel's boot ID and, where PID 1 is provably the host's, its start time in
 * clock ticks. The kernel's ID alone does not change where nodes are containers; the start time alone changes
 * with every container that has a PID namespace of its own.
 */
export interface BootIdentity {
  readonly kernelBootId: string;
  /** Field 22 of the host's `/proc/1/stat`; absent where PID 1 is not provably the host's. */
  readonly initStartTicks?: string;
}

/** `kernel id` or `kernel id/ticks`: the form in which a boot identity is written in annotations. */
export function formatBoot({ kernelBootId, initStartTicks }: BootIdentity): string {
  return initStartTicks === undefined ? kernelBootId : `${kernelBootId}/${initStartTicks}`;
}

/** Inverse of `formatBoot`. Any text is some identity: one that is not ours just equals nothing of ours. */
export function parseBoot(text: string): BootIdentity {
  const slash = text.indexOf("/");
  if (slash < 0) return { kernelBootId: text };
  return { kernelBootId: text.slice(0, slash), initStartTicks: text.slice(slash + 1) };
}

/** Whether two readings are of one boot. */
/** What two readings of a boot identity prove about each other. */
export type BootComparison =
  | "same"
  | "changed"
  /** Same kernel, and one side does not know its PID 1: nothing is proven either way. */
  | "unknown";

/** Whether the machine has booted between two readings, both in the form of `formatBoot`. */
export function compareBoots(before: string, after: string): BootComparison {
  const [old, recent] = [parseBoot(before), parseBoot(after)];
  if (old.kernelBootId !== recent.kernelBootId) return "changed";
  if (old.initStartTicks === recent.initStartTicks) return "same";
  if (old.initStartTicks === undefined || recent.initStartTicks === undefined) return "unknown";
  return "changed";
}

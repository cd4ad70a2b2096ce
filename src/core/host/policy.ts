/** What the operator wants of an agent. */
export interface HostPolicy {
  /** `namespace/name` of the installation whose records concern us. */
  readonly owner: string;
  /** The sentinel is looked at this often at the latest (`--period`). */
  readonly periodMs: number;
  /** How long after a reboot command that said yes the machine may still be up (`--reboot-deadline`). */
  readonly rebootDeadlineMs: number;
}

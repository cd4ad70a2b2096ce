/** Something that reboots this node. Whether it did is seen by the boot identity alone. */
export interface Rebooter {
  /** The line that kured writes about it when it starts. */
  describe(): string;
  /** Whether rebooting could work, asked before anything is drained. Rejects only with `signal.reason`. */
  available(options: { readonly signal: AbortSignal }): Promise<RebooterAvailability>;
  /** Commands the reboot, unless `signal` has aborted already. Never rejects. */
  reboot(options: { readonly signal: AbortSignal }): Promise<RebootResult>;
}

/** What is known about a rebooter before it is used. */
export type RebooterAvailability =
  /** Nothing stands against it. */
  | { readonly kind: "available" }
  /** It surely cannot work; `reason` names what is not there. */
  | { readonly kind: "missing"; readonly reason: string }
  /** It could not be found out. */
  | { readonly kind: "unknown"; readonly reason: string };

/** What became of the command to reboot. Reasons are in kured's words, for `Unable to reboot node: <reason>`. */
export type RebootResult =
  /** Nothing speaks against a reboot. */
  | { readonly kind: "accepted" }
  /** Refused, or there was nothing to run. */
  | { readonly kind: "failed"; readonly reason: string }
  /** No answer in time; it was stopped, and a reboot may come all the same. */
  | { readonly kind: "hung"; readonly reason: string }
  /** Ended from outside before it could answer, as a shutdown that has begun does; nothing is known. */
  | { readonly kind: "interrupted" };

import type { BootIdentity } from "../core/boot/identity.ts";

/** The machine under us, apart from its files and commands. */
export interface Host {
  /** Which boot this is (design §3). Rejects with an Error when the kernel's boot ID cannot be read. */
  bootIdentity(): Promise<BootIdentity>;
  /**
   * When that boot began: wall time in ms, by the machine's own clock, early rather than late. `undefined` where it
   * cannot be told; never rejects.
   */
  bootedAtMs(): Promise<number | undefined>;
  /**
   * Sends a signal by number to the host's PID 1; rejects with an Error that names the refusal. Signal 0 does nothing
   * but ask whether we may.
   */
  signalInit(signalNumber: number): Promise<void>;
}

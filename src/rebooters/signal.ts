import type { Host } from "../ports/host.ts";
import type { Log } from "../ports/log.ts";
import type { Rebooter } from "./rebooter.ts";

/** What `signalRebooter` is made of. */
export interface SignalRebooterParts {
  readonly host: Host;
  readonly log: Log;
}

/** A signal to the host's PID 1 (`--reboot-method=signal`); 39 makes systemd reboot. */
export function signalRebooter(signalNumber: number, { host, log }: SignalRebooterParts): Rebooter {
  return {
    describe: () => `Reboot signal: ${signalNumber}`,
    async available({ signal }) {
      const refusal = await refusalOf(host.signalInit(0));
      signal.throwIfAborted();
      return refusal === undefined ? { kind: "available" } : { kind: "missing", reason: refusal };
    },
    async reboot({ signal }) {
      if (signal.aborted) return { kind: "interrupted" };
      log.write("info", `Sending signal ${signalNumber} to PID 1`);
      const refusal = await refusalOf(host.signalInit(signalNumber));
      // Kured's text, whatever the number is.
      if (refusal !== undefined) return { kind: "failed", reason: `signal of SIGRTMIN+5 failed: ${refusal}` };
      return { kind: "accepted" };
    },
  };
}

async function refusalOf(sending: Promise<void>): Promise<string | undefined> {
  try {
    await sending;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

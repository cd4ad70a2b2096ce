import { constants } from "node:os";

/** glibc's first real-time signal, in which kured's documentation counts too (musl starts at 35). */
const firstRealTime = 34;
const lastSignal = 64;

/** `SIGTERM`, or `SIGRTMIN+5`, for a signal's number; `undefined` for what is no signal of Linux. */
export function signalName(signalNumber: number): string | undefined {
  for (const [name, number] of Object.entries(constants.signals)) if (number === signalNumber) return name;
  if (signalNumber < 32 || signalNumber > lastSignal) return undefined;
  if (signalNumber < firstRealTime) return `signal ${signalNumber}`;
  return signalNumber === firstRealTime ? "SIGRTMIN" : `SIGRTMIN+${signalNumber - firstRealTime}`;
}

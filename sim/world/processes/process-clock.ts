import { DeadlineExceeded } from "../../../src/ports/clock.ts";
import type { Clock, Deadline } from "../../../src/ports/clock.ts";
import type { MachineTime } from "../time/machine-time.ts";
import type { Appointment, Timeline } from "../time/timeline.ts";
import type { Life } from "./life.ts";

/** Where a process's time comes from. */
export interface ProcessClockParts {
  readonly timeline: Timeline;
  readonly machine: MachineTime;
  readonly life: Life;
}

/** The clock of one process: its machine's time, and timers that ring only while it lives. */
export function processClock({ timeline, machine, life }: ProcessClockParts): Clock {
  const ring = (durationMs: number, then: () => void): Appointment =>
    timeline.after(machine.delayOf(durationMs), () => life.deliver(then));
  return {
    now: () => machine.now(),
    sleep: (durationMs, { signal }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const alarm = ring(durationMs, () => {
          signal.removeEventListener("abort", giveUp);
          resolve();
        });
        const giveUp = (): void => {
          alarm.cancel();
          reject(signal.reason);
        };
        signal.addEventListener("abort", giveUp, { once: true });
      }),
    deadline: (durationMs, { signal }): Deadline => {
      const controller = new AbortController();
      if (signal.aborted) {
        controller.abort(signal.reason);
        return { signal: controller.signal, clear: () => undefined };
      }
      const alarm = ring(durationMs, () => {
        clear();
        controller.abort(new DeadlineExceeded(durationMs));
      });
      const passOn = (): void => {
        clear();
        controller.abort(signal.reason);
      };
      const clear = (): void => {
        alarm.cancel();
        signal.removeEventListener("abort", passOn);
      };
      signal.addEventListener("abort", passOn, { once: true });
      return { signal: controller.signal, clear };
    },
  };
}

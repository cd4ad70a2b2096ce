import type { Now } from "../core/now.ts";
import { DeadlineExceeded } from "../ports/clock.ts";
import type { Clock, Deadline } from "../ports/clock.ts";

/** What one timer can hold; Node fires a longer one after a millisecond. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own clocks. `longestMs` is how long one timer may run, for tests of what lies beyond it. */
export function machineClock({ longestMs = longestTimerMs }: { readonly longestMs?: number } = {}): Clock {
  return {
    now: readNow,
    sleep: (durationMs, { signal }) => sleep(durationMs, { signal, longestMs }),
    deadline: (durationMs, { signal }) => startDeadline(durationMs, { signal, longestMs }),
  };
}

function readNow(): Now {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly longestMs: number;
}

function sleep(durationMs: number, { signal, longestMs }: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stopTimer = startTimer(durationMs, { longestMs, ring: wake });
    signal.addEventListener("abort", giveUp);

    function wake(): void {
      signal.removeEventListener("abort", giveUp);
      resolve();
    }
    function giveUp(): void {
      signal.removeEventListener("abort", giveUp);
      stopTimer();
      reject(signal.reason);
    }
  });
}

function startDeadline(durationMs: number, { signal, longestMs }: Waiting): Deadline {
  const controller = new AbortController();
  if (signal.aborted) {
    controller.abort(signal.reason);
    return { signal: controller.signal, clear: () => undefined };
  }
  const stopTimer = startTimer(durationMs, { longestMs, ring: expire });
  signal.addEventListener("abort", passOn);
  return { signal: controller.signal, clear };

  function clear(): void {
    stopTimer();
    signal.removeEventListener("abort", passOn);
  }
  function expire(): void {
    clear();
    controller.abort(new DeadlineExceeded(durationMs));
  }
  function passOn(): void {
    clear();
    controller.abort(signal.reason);
  }
}

/** Rings once after `durationMs`, in as many timers as that takes; answers with how to stop it. */
function startTimer(
  durationMs: number,
  { longestMs, ring }: { readonly longestMs: number; readonly ring: () => void },
): () => void {
  const dueMs = performance.now() + (durationMs > 0 ? durationMs : 0);
  let timer = setTimeout(tick, nextStepMs());
  return () => clearTimeout(timer);

  function nextStepMs(): number {
    return Math.min(Math.max(dueMs - performance.now(), 0), longestMs);
  }
  function tick(): void {
    // A timer may also ring a fraction of a millisecond early: the next step is then that fraction.
    if (performance.now() >= dueMs) ring();
    else timer = setTimeout(tick, nextStepMs());
  }
}

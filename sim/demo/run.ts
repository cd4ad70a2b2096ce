import { machineClock } from "../../src/host/clock.ts";
import { startStage, type Stage } from "./stage.ts";
import type { Screen } from "./screen/screen.ts";
import { findings, isSettled, type Findings } from "./summary.ts";

/** How the demo is watched, and when it ends. */
export interface DemoOptions {
  readonly screen: Screen;
  /** Stays when all is done, for somebody to play with it. */
  readonly stays: boolean;
  readonly signal: AbortSignal;
}

/** Longer than this and something is wrong: a whole roll takes about twenty seconds. */
const longestMs = 120_000;
/** Nodes that need a reboot from the beginning, in the order in which they came to need it. */
const needy = ["node-a2", "node-c1", "node-b4", "node-a4", "node-c3", "node-b1"];

/** Runs the main job on an embedded cluster; answers the exit code. */
export async function runDemo({ screen, stays, signal }: DemoOptions): Promise<number> {
  const clock = machineClock();
  const stage = await startStage({ clock, voice: screen });
  try {
    screen.begin(stage);
    await clock.sleep(1_000, { signal });
    for (const node of needy) {
      stage.needReboot(node);
      await clock.sleep(150, { signal });
    }
    const found = await untilSettled(stage, { clock, signal });
    screen.summary(found);
    if (stays) await untilStopped(signal);
    return found.ok ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    return stays ? 0 : 1;
  } finally {
    screen.end();
    await stage.stop();
  }
}

async function untilSettled(
  stage: Stage,
  { clock, signal }: { readonly clock: ReturnType<typeof machineClock>; readonly signal: AbortSignal },
): Promise<Findings> {
  const deadlineMs = clock.now().monotonicMs + longestMs;
  while (!isSettled(stage, needy) && clock.now().monotonicMs < deadlineMs) await clock.sleep(100, { signal });
  return findings(stage, needy);
}

async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

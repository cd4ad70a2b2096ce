import { linkedSignal } from "../kube/wire/linked-signal.ts";
import { createTasks, type Tasks } from "../loop/tasks.ts";

/** What everything in one process shares about its end. */
export interface Supervision {
  readonly tasks: Tasks;
  /** Aborts when the process is told to stop, or when one of its tasks has failed for good. */
  readonly signal: AbortSignal;
}

/**
 * Runs a process's tasks to their common end: the first that fails stops all others, and nothing is left behind.
 * Resolves when `signal` has aborted and everything has ended; rejects with the failure that came first.
 */
export async function supervise(
  signal: AbortSignal,
  start: (supervision: Supervision) => Promise<void>,
): Promise<void> {
  const end = linkedSignal(signal);
  const failures: unknown[] = [];
  const failed = (error: unknown) => {
    failures.push(error);
    end.abort(error instanceof Error ? error : new Error(String(error)));
  };
  const tasks = createTasks({ signal: end.signal, failed });
  tasks.start(() => start({ tasks, signal: end.signal }));
  await tasks.ended();
  end.finish();
  if (failures.length > 0 && !signal.aborted) throw failures[0];
}

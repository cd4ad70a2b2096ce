import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { Clock } from "../ports/clock.ts";

const outputLimitBytes = 64 * 1024;
/** How long output may still arrive once the child has ended: what it left running may hold the pipes for ever. */
const trailingOutputMs = 200;

/** How a child process ended, as the runtime reports it: code 0 may be a real-time signal. */
export type ChildEnd =
  | {
      readonly kind: "ended";
      readonly code: number;
      readonly signal: string | undefined;
      readonly stdout: string;
      readonly stderr: string;
      /** What it wrote to descriptor 3. */
      readonly told: string;
    }
  /** There was no process. */
  | { readonly kind: "notStarted"; readonly code: string; readonly reason: string };

/** A child process at the head of its own process group, without standard input. */
export interface Child {
  /** Never rejects. Also settles when the child was given up, one more grace period after its SIGKILL. */
  readonly ended: Promise<ChildEnd>;
  /** Ends the whole group after `timeoutMs` or when `signal` aborts: SIGTERM, and `graceMs` later SIGKILL. */
  stopAfter(timeoutMs: number, options: { readonly signal: AbortSignal; readonly graceMs: number }): Brake;
}

/** What may stop a child. */
export interface Brake {
  /** Whether the time was over before the child had ended. */
  timedOut(): boolean;
  /** Takes timer and listener back. A group that was being stopped is killed, whoever is still in it. */
  clear(): void;
}

/**
 * Starts a program by its path; the environment is ours. Failure to start is an end like another. With `tells` the
 * program gets a descriptor 3 to write to, and the end waits until whoever has inherited it has closed it.
 */
export function startChild(
  [program, ...words]: readonly [string, ...string[]],
  { clock, tells }: { readonly clock: Clock; readonly tells: boolean },
): Child {
  const third = tells ? (["pipe"] as const) : [];
  let child: ChildProcess;
  try {
    child = spawn(program, words, { detached: true, stdio: ["ignore", "pipe", "pipe", ...third] });
  } catch (error) {
    // Thrown are a NUL byte, too many words and the like; most failures arrive as an event.
    return { ended: Promise.resolve(notStarted(error)), stopAfter: () => noBrake };
  }
  let giveUp = (): void => undefined;
  const ended = new Promise<ChildEnd>((resolve) => {
    giveUp = followToTheEnd(child, { clock, done: resolve });
  });
  return { ended, stopAfter: (timeoutMs, options) => applyBrake(child, { timeoutMs, ...options, clock, giveUp }) };
}

const noBrake: Brake = { timedOut: () => false, clear: () => undefined };

interface Follower {
  readonly clock: Clock;
  readonly done: (end: ChildEnd) => void;
}

/** Calls `done` when the child has ended and its output has arrived; answers with how to do so at once. */
function followToTheEnd(child: ChildProcess, { clock, done }: Follower): () => void {
  const [stdout, stderr, told] = [readPipe(child.stdio[1]), readPipe(child.stdio[2]), readPipe(child.stdio[3])];
  const over = new AbortController();
  let exit: { readonly code: number; readonly signal: string | undefined } = { code: 0, signal: "SIGKILL" };
  child.on("error", (error) => finish(notStarted(error)));
  child.on("exit", (code, signal) => {
    exit = { code: code ?? 0, signal: signal ?? undefined };
    // The event "close" will not do: Bun sends it before descriptor 3 has been read.
    const spoken = Promise.all([stdout.ended, stderr.ended]);
    const late = clock.sleep(trailingOutputMs, { signal: over.signal }).catch(() => undefined);
    Promise.all([told.ended, Promise.race([spoken, late])]).then(finishWithOutput, finishWithOutput);
  });
  return finishWithOutput;

  function finishWithOutput(): void {
    finish({ kind: "ended", ...exit, stdout: stdout.text(), stderr: stderr.text(), told: told.text() });
  }
  function finish(end: ChildEnd): void {
    over.abort();
    for (const pipe of [stdout, stderr, told]) pipe.close();
    child.unref();
    done(end);
  }
}

interface Pipe {
  /** Never rejects. */
  readonly ended: Promise<void>;
  text(): string;
  close(): void;
}

/** Keeps the first 64 KiB of a pipe and lets the rest pass, so that the child never waits for us. */
function readPipe(pipe: ChildProcess["stdio"][number] | undefined): Pipe {
  const chunks: Buffer[] = [];
  let bytes = 0;
  if (!isReadable(pipe)) return { ended: Promise.resolve(), text: () => "", close: () => undefined };
  pipe.on("data", (chunk: Buffer) => {
    const kept = chunk.subarray(0, outputLimitBytes - bytes);
    bytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "error", "close"]) pipe.once(event, resolve);
  });
  return { ended, text: () => Buffer.concat(chunks).toString("utf8"), close: () => pipe.destroy() };
}

function isReadable(pipe: ChildProcess["stdio"][number] | undefined): pipe is Readable {
  return pipe !== null && pipe !== undefined && "read" in pipe;
}

interface BrakeParts {
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly giveUp: () => void;
}

function applyBrake(child: ChildProcess, { timeoutMs, graceMs, signal, clock, giveUp }: BrakeParts): Brake {
  const over = new AbortController();
  const deadline = clock.deadline(timeoutMs, { signal });
  let timedOut = false;
  let stopping = false;
  if (deadline.signal.aborted) stop();
  else deadline.signal.addEventListener("abort", stop);
  return { timedOut: () => timedOut, clear };

  function stop(): void {
    timedOut = !signal.aborted;
    stopping = true;
    signalGroup(child, "SIGTERM");
    insist().catch(() => undefined); // Ends with `over`, because the child has ended.
  }
  async function insist(): Promise<void> {
    await clock.sleep(graceMs, { signal: over.signal });
    signalGroup(child, "SIGKILL");
    await clock.sleep(graceMs, { signal: over.signal });
    giveUp();
  }
  function clear(): void {
    deadline.clear();
    deadline.signal.removeEventListener("abort", stop);
    over.abort();
    if (stopping) signalGroup(child, "SIGKILL");
  }
}

/** Every process in the child's group; a group without members is no failure. */
function signalGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All have ended, or none of them may be signalled by us: the wait for the end goes on either way.
  }
}

function notStarted(error: unknown): ChildEnd {
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
  return { kind: "notStarted", code, reason: error instanceof Error ? error.message : String(error) };
}

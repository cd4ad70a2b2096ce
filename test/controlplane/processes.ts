import { spawn } from "node:child_process";

/** How a program ended; exactly one of `code` and `killedBy` is set. */
export interface ProgramEnd {
  readonly code: number | undefined;
  readonly killedBy: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly folder?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly signal: AbortSignal;
}

/**
 * Runs a program to its end, whatever that is. Rejects when it cannot be started, and with `signal.reason` after
 * the program and everything it started were told to end.
 */
export function runToEnd(
  [program, ...args]: readonly [string, ...string[]],
  { folder, environment, input, signal }: RunOptions,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A process group of its own: `go` starts compilers that outlive it otherwise.
    const child = spawn(program, args, { cwd: folder, env: environment, detached: true });
    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
    child.stdin.on("error", () => undefined); // A program need not read what it is given.
    child.stdin.end(input ?? "");
    const stop = (): void => killGroup(child.pid, "SIGTERM");
    signal.addEventListener("abort", stop, { once: true });
    child.once("error", (error) => {
      signal.removeEventListener("abort", stop);
      reject(error);
    });
    child.once("close", (code, killedBy) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return reject(signal.reason as Error);
      resolve({
        code: code ?? undefined,
        killedBy: killedBy ?? undefined,
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString(),
      });
    });
  });
}

/** Signals a process group that we started; one that is gone already is fine. */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Runs programs on the machine, without a shell, with this process's environment and no standard input. Resolves
 * with how it ended, whatever that is; rejects only with `signal.reason`, after the child is gone.
 */
export interface Commands {
  run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandEnd>;
}

/** How long a command may take, and what ends it sooner. */
export interface CommandOptions {
  /** After this long the child gets SIGTERM, and five seconds later SIGKILL. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a command ended. Output is cut after 64 KiB per stream. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** Ended by a signal that we did not send. Real-time signals count too, though Node reports those as exit 0. */
  | { readonly kind: "signalled"; readonly signal: string; readonly stdout: string; readonly stderr: string }
  /** Did not end in time and was stopped by us. */
  | { readonly kind: "timedOut"; readonly afterMs: number; readonly stdout: string; readonly stderr: string }
  /** Nothing ran: no such program, not executable, no memory. */
  | { readonly kind: "notStarted"; readonly code: string; readonly reason: string };

import type { Settings } from "../config/settings.ts";
import { describeFailure } from "../kube/answers.ts";
import type { Failure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Clock } from "../ports/clock.ts";
import { printable } from "./text/printable.ts";

/** What an operator's command works with. Nothing in it can write to the cluster. */
export interface OperatorParts {
  readonly client: Pick<KubeClient, "get" | "list">;
  readonly clock: Pick<Clock, "now">;
  readonly settings: Settings;
  /** Which API server is asked and how it was found, for sentences. */
  readonly target: string;
  /** Characters in a line. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/** How an operator's command ended. Commands reject only with `signal.reason`. */
export type CommandEnd =
  /** For the standard output; the exit code is 0. */
  | { readonly kind: "shown"; readonly text: string }
  /** For the standard error: a whole sentence with what was tried; the exit code is 1. */
  | { readonly kind: "failed"; readonly sentence: string };

/** The API server could not be asked, or would not answer. */
export function failed(what: string, { failure, target }: { failure: Failure; target: string }): CommandEnd {
  return {
    kind: "failed",
    sentence: printable(`${what} could not be read from ${target}: ${describeFailure(failure)}`),
  };
}

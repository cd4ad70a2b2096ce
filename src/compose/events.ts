import { describeFailure, type Failure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Tasks } from "../loop/tasks.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** What the question needs, and its repetition while there is no answer. */
export interface EventRightsParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly tasks: Tasks;
  readonly signal: AbortSignal;
}

/**
 * Whether we may create events, as far as is known; asked with a review, because kured's own RBAC does not grant it
 * (design §2). Resolves after the first try; a process that starts while the API server is away asks on.
 */
export async function mayTellEvents(parts: EventRightsParts): Promise<() => boolean> {
  let allowed = false;
  const ask = async (): Promise<"answered" | "unanswered"> => {
    const { client, log, signal } = parts;
    const permission = { verb: "create", group: "", resource: "events", namespace: "default" };
    const answer = await client.can(permission, { signal });
    if (answer.kind === "ok") allowed = answer.value;
    else log.write("debug", `Whether events may be created could not be asked: ${describeFailure(answer)}`);
    return answer.kind === "ok" || isFinal(answer) ? "answered" : "unanswered";
  };
  if ((await ask()) === "unanswered") {
    parts.tasks.start(async () => {
      let pauseMs = firstPauseMs;
      do {
        await parts.clock.sleep(pauseMs, { signal: parts.signal });
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      } while ((await ask()) === "unanswered");
    });
  }
  return () => allowed;
}

const firstPauseMs = 10_000;
const longestPauseMs = 10 * 60_000;

/** An API server that does not know reviews will not learn them; one that forbids them may only just have started. */
function isFinal({ kind }: Failure): boolean {
  return kind === "gone" || kind === "badRequest";
}

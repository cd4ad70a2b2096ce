import { describeFailure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import type { Log } from "../ports/log.ts";

/** Whether we may create events; asked with a review, because kured's own RBAC does not grant it (design §2). */
export async function mayTellEvents(
  client: KubeClient,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Log },
): Promise<boolean> {
  const answer = await client.can({ verb: "create", group: "", resource: "events", namespace: "default" }, { signal });
  if (answer.kind === "ok") return answer.value;
  log.write("debug", `Whether events may be created could not be asked, so there are none: ${describeFailure(answer)}`);
  return false;
}

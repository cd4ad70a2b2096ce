import type { Messenger, Notice } from "./messenger.ts";
import type { Performed } from "./performed.ts";

/** However long it takes; meanwhile nobody waits for it. */
export async function notify(notice: Notice, { messenger }: { readonly messenger: Messenger }): Promise<Performed> {
  if (await messenger.tell(notice)) return { outcome: { kind: "done" } };
  return { outcome: { kind: "failed", reason: "the process ended first" } };
}

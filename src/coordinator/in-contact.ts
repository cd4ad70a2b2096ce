import { describeFailure } from "../kube/answers.ts";
import type { WatchHandlers } from "../kube/watch.ts";
import type { Contacts } from "../loop/contacts.ts";

/** The handlers by which the health of a watch is known; `what` it is called in a sentence. */
export function inContact(
  what: string,
  { contacts, heard }: { readonly contacts: Contacts; readonly heard?: (observedAtMs: number) => void },
): Pick<WatchHandlers<never>, "opened" | "contact" | "lost"> {
  contacts.wanting(what, "nothing has come yet");
  return {
    opened: () => contacts.content(what),
    contact: (observedAtMs) => {
      contacts.heard(what, observedAtMs);
      heard?.(observedAtMs);
    },
    lost: (failure) => contacts.wanting(what, describeFailure(failure)),
  };
}

import { describeFailure } from "../kube/answers.ts";
import { decodeObject, type KubeObject } from "../kube/object.ts";
import { watchCollection, type WatchParts } from "../kube/watch.ts";
import type { Contacts } from "../loop/contacts.ts";
import type { Machine } from "./machine.ts";

/** Follows our own Node's metadata, and nothing else: the one watch that an idle agent holds. */
export async function watchSelf({
  machine,
  node,
  contacts,
  ...parts
}: Pick<WatchParts<KubeObject>, "client" | "clock" | "random" | "log" | "signal"> & {
  readonly machine: Machine;
  readonly node: string;
  readonly contacts: Contacts;
}): Promise<never> {
  const what = "the watch of our own Node";
  contacts.wanting(what, "nothing has come yet");
  const seen = (object: KubeObject) => machine.sawNode(object, parts.clock.now().monotonicMs);
  return await watchCollection<KubeObject>("nodes", {
    ...parts,
    fieldSelector: `metadata.name=${node}`,
    metadataOnly: true,
    decode: decodeObject,
    handlers: {
      replaced: ([object]) => {
        if (object) seen(object);
        else parts.log.write("warning", `There is no Node ${node}`);
      },
      upserted: seen,
      deleted: () => parts.log.write("warning", `Node ${node} was deleted`),
      opened: () => contacts.content(what),
      contact: (observedAtMs) => contacts.heard(what, observedAtMs),
      lost: (failure) => contacts.wanting(what, describeFailure(failure)),
    },
  });
}

import { at, objectAt, sameJson, textAt } from "./json.ts";
import { withMeta } from "./object.ts";
import type { KubeObject } from "./object.ts";

/** Counts the changes of a DaemonSet's pod template; every DaemonSet has it, whoever leaves it out. */
const annotation = "deprecated.daemonset.template.generation";

/** A DaemonSet with that count, after what was stored before; every other object as it is. */
export function withTemplateGeneration(object: KubeObject, old: KubeObject | undefined): KubeObject {
  if (object.kind !== "DaemonSet") return object;
  const before = Number(textAt(old, "metadata", "annotations", annotation) ?? "0");
  const isSame = sameJson(at(object, "spec", "template"), at(old, "spec", "template"));
  const count = String(isSame ? before : before + 1);
  return withMeta(object, { annotations: { ...objectAt(object, "metadata", "annotations"), [annotation]: count } });
}

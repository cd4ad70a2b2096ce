import type { NodeObject } from "../controlplane/objects.ts";
import type { Fleet } from "./fleet.ts";

/**
 * What stays on a Node because it is meant to: what its agent and its decider say, and kured's own memory of the need.
 */
const meantToStay: ReadonlySet<string> = new Set([
  "kured.dev/report",
  "kured.dev/verdict",
  "weave.works/kured-most-recent-reboot-needed",
]);

/** Everything that kured has not taken back: cordons, taints, labels, annotations, records, locks; a line for each. */
export async function leftBehind({ site, before }: Fleet): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, was] of before) {
    for (const what of differences(was, await site.readNode(name))) found.push(`${name}: ${what}`);
  }
  const lock = await site.readLock();
  if (lock !== undefined) found.push(`${site.name}: the lock ${lock}`);
  return found;
}

function differences(was: NodeObject, is: NodeObject): readonly string[] {
  // Kubernetes' own follow the state of the node, in their own time.
  const taints = (node: NodeObject) =>
    (node.spec?.taints ?? []).map(({ key }) => key).filter((key) => !key.startsWith("node.kubernetes.io/"));
  return [
    ...(is.spec?.unschedulable === true ? ["the cordon"] : []),
    ...added(taints(was), taints(is)).map((key) => `the taint ${key}`),
    ...added(Object.keys(was.metadata.labels ?? {}), Object.keys(is.metadata.labels ?? {})).map(
      (key) => `the label ${key}`,
    ),
    ...added(Object.keys(was.metadata.annotations ?? {}), Object.keys(is.metadata.annotations ?? {}))
      .filter((key) => !meantToStay.has(key))
      .map((key) => `the annotation ${key}: ${is.metadata.annotations?.[key]}`),
  ];
}

function added(was: readonly string[], is: readonly string[]): readonly string[] {
  return is.filter((one) => !was.includes(one));
}

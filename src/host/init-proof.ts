/**
 * Whether the PID 1 that we see is the node's and not one of our own pod, by the texts of `/proc/self/cgroup` and
 * `/proc/1/cgroup`. Both can be read without privileges. PIDs are shared with oneself, with one's pod or with the
 * node, so a PID 1 outside our pod is the node's. Two levels below the nearest common cgroup is what a pod's own pause
 * container can be (its scope, and a cgroup inside that); from a pod to the node's root there are always three.
 */
export function initIsTheNodes(ownCgroups: string, initCgroups: string): boolean {
  const init = hierarchies(initCgroups);
  return [...hierarchies(ownCgroups)].some(([hierarchy, own]) => {
    const other = init.get(hierarchy);
    return other !== undefined && levelsAbove(own, other) >= 3;
  });
}

/** How many levels one has to go up from `own` to come to a cgroup that also holds `other`. */
function levelsAbove(own: readonly string[], other: readonly string[]): number {
  const firstApart = own.findIndex((name, depth) => name !== other[depth]);
  const shared = firstApart < 0 ? own.length : firstApart;
  // What lies outside a cgroup namespace of ours begins with as many `..` as there are levels above its root.
  const rest = other.slice(shared);
  const outside = rest.findIndex((name) => name !== "..");
  return own.length - shared + (outside < 0 ? rest.length : outside);
}

/** Path components by hierarchy; lines are `id:controllers:path`. */
function hierarchies(text: string): ReadonlyMap<string, readonly string[]> {
  const byHierarchy = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [, hierarchy, path] = /^(\d+:[^:]*):(.*)$/.exec(line) ?? [];
    if (hierarchy === undefined || path === undefined) continue;
    byHierarchy.set(
      hierarchy,
      path.split("/").filter((name) => name !== ""),
    );
  }
  return byHierarchy;
}

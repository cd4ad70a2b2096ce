import assert from "node:assert/strict";
import type { Moment } from "./observe.ts";

/**
 * What must hold at every instant of a roll-out of one node at a time: one holder, one node out of service and that
 * the holder; no boot and no commit of any other; and nothing on the node that was to be gone when it was committed.
 */
export function assertOneAtATime(
  moments: readonly Moment[],
  { drainedApp }: { readonly drainedApp?: string } = {},
): void {
  let before: Moment | undefined;
  for (const moment of moments) {
    const at = `after ${moment.changed} at ${new Date(moment.atMs).toISOString()}`;
    const { holders, nodes } = moment;
    const busy = Array.from(nodes).flatMap(([node, { cordoned, phase }]) =>
      cordoned || inMaintenance.has(phase ?? "") ? [node] : [],
    );
    assert.ok(holders.length <= 1, `${holders.join(" and ")} hold the lock ${at}`);
    assert.ok(busy.length <= 1, `${busy.join(" and ")} are out of service ${at}`);
    for (const node of busy) assert.deepEqual(holders, [node], `${node} is out of service without the lock ${at}`);
    for (const [node, { bootId, report }] of nodes) {
      const was = before?.nodes.get(node);
      if (was === undefined) continue;
      if (was.bootId !== bootId) assert.deepEqual(holders, [node], `${node} booted without the lock ${at}`);
      if (was.report?.commanded === true || report?.commanded !== true) continue;
      assert.deepEqual(busy, [node], `${node} committed to a reboot without its cordon ${at}`);
      const left = moment.pods.filter((pod) => pod.node === node && pod.app !== undefined && pod.app === drainedApp);
      assert.deepEqual(left, [], `${node} committed to a reboot before it was drained ${at}`);
    }
    before = moment;
  }
}

/** Never fewer healthy pods of an app than its budget demands, from the first instant at which there were enough. */
export function assertBudgetKept(
  moments: readonly Moment[],
  { app, minAvailable }: { readonly app: string; readonly minAvailable: number },
): void {
  const healthy = moments.map(({ pods }) => pods.filter((pod) => pod.app === app && pod.healthy).length);
  const first = healthy.findIndex((count) => count >= minAvailable);
  assert.notEqual(first, -1, `There were never ${minAvailable} healthy pods of ${app}`);
  for (const [index, count] of healthy.entries()) {
    if (index < first || count >= minAvailable) continue;
    const { atMs = 0, changed } = moments[index] ?? {};
    assert.fail(`${count} of ${minAvailable} pods of ${app} after ${changed} at ${new Date(atMs).toISOString()}`);
  }
}

/** The nodes in the order in which they came up again, as their boot IDs changed. */
export function bootsInOrder(moments: readonly Moment[]): readonly string[] {
  return moments.flatMap(({ nodes }, index) =>
    Array.from(nodes).flatMap(([node, { bootId }]) => {
      const was = moments[index - 1]?.nodes.get(node)?.bootId;
      return was !== undefined && was !== bootId ? [node] : [];
    }),
  );
}

/** What `kubectl get nodes -w` shows of one node in its column STATUS, one after the other. */
export function statusesOf(moments: readonly Moment[], node: string): readonly string[] {
  const shown: string[] = [];
  for (const { nodes } of moments) {
    const state = nodes.get(node);
    if (state === undefined) continue;
    const status = `${state.ready ? "Ready" : "NotReady"}${state.cordoned ? ",SchedulingDisabled" : ""}`;
    if (shown.at(-1) !== status) shown.push(status);
  }
  return shown;
}

const inMaintenance: ReadonlySet<string> = new Set(["claimed", "draining", "approved", "rebooting", "returning"]);

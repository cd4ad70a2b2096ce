import assert from "node:assert/strict";
import type { NodeObject } from "../../controlplane/objects.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import type { Rig } from "../rig.ts";

/** What Debian's package scripts leave behind, as an operator would leave it. */
export async function requireReboot(rig: Rig, nodes: readonly string[] = rig.nodes): Promise<void> {
  for (const node of nodes) await rig.machine(node).exec(["touch", "/var/run/reboot-required"]);
}

/** The boot ID of each node, as its Node says. */
export async function bootIds(rig: Rig): Promise<Readonly<Record<string, string>>> {
  const nodes = await rig.admin.list<NodeObject>({ kind: "Node" });
  return Object.fromEntries(nodes.map(({ metadata, status }) => [metadata.name, status?.nodeInfo?.["bootID"] ?? ""]));
}

/** Resolves when each of `nodes` has another boot ID than in `before`, is Ready, schedulable, and needs no reboot. */
export async function untilRebooted(
  rig: Rig,
  {
    before,
    nodes = rig.nodes,
    timeoutMs = 180_000,
    signal,
  }: {
    readonly before: Readonly<Record<string, string>>;
    readonly nodes?: readonly string[];
    readonly timeoutMs?: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  for (const name of nodes) {
    await waitFor(
      `node ${name} to be rebooted and given back`,
      async () => {
        const node = await getNode(rig, name);
        const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
        const rebooted = node.status?.nodeInfo?.["bootID"] !== before[name];
        return rebooted && isReady === true && node.spec?.unschedulable !== true && !isInHand(node);
      },
      { signal, timeoutMs, everyMs: 200 },
    );
  }
}

export function getNode(rig: Rig, name: string): Promise<NodeObject> {
  return rig.admin.get<NodeObject>({ kind: "Node", metadata: { name } });
}

/** How often each machine has booted so far. */
export function bootCounts(rig: Rig): Promise<readonly number[]> {
  return Promise.all(rig.machines.map((machine) => machine.boots()));
}

/** n2 alone has booted once more than before. */
export async function assertOneBoot(rig: Rig, before: readonly number[]): Promise<void> {
  const [n1 = 0, n2 = 0, n3 = 0] = before;
  assert.deepEqual(await bootCounts(rig), [n1, n2 + 1, n3]);
}

/** Whether a coordinator or a classic daemon has something to finish on it. */
export function isInHand({ metadata }: KubeObject): boolean {
  return metadata.annotations?.["kured.dev/maintenance"] !== undefined;
}

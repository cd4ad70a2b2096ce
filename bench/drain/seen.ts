import type { Site } from "../../test/cases/site.ts";
import type { AuditEntry } from "../../test/controlplane/cluster/audit.ts";
import { kindsOf, requestsOf } from "../stage/requests.ts";

/** One drain as the API server and the host have seen it, whoever drained. */
export interface DrainSeen {
  /** From the arrival of the first eviction to the deletion of the last pod. */
  readonly evictionsMs: number;
  /** From the cordon to the call of the reboot command. */
  readonly drainMs: number;
  /** Of all accounts of the site from the cordon to the reboot command, without Leases. */
  readonly requests: number;
  readonly kinds: string;
  /** Of the process that decided, from the need to the end of the boot; NaN where it died with the machine. */
  readonly cpuSeconds: number;
}

/** Reads the audit log of a drain that has ended. */
export async function drainSeen(
  site: Site,
  { node, pods }: { readonly node: string; readonly pods: number },
): Promise<Omit<DrainSeen, "cpuSeconds">> {
  const [reboot] = await site.host(node).reboots();
  if (reboot === undefined) throw new Error(`${node} was never rebooted`);
  const before = await requestsOf(site, { fromMs: 0, toMs: reboot.atMs });
  const firstMs = Math.min(...before.all.filter(isEviction).map(receivedMs));
  const writes = before.all.filter((entry) => writesNode(entry) && receivedMs(entry) < firstMs);
  const cordonMs = Math.max(...writes.map(receivedMs));
  const { all } = await requestsOf(site, { fromMs: cordonMs, toMs: reboot.atMs });
  return {
    evictionsMs: await evictionsMs(site, { pods }),
    drainMs: reboot.atMs - cordonMs,
    requests: all.length,
    kinds: kindsOf(all),
  };
}

/** From the arrival of the first eviction of the site to the deletion of its last pod. */
export async function evictionsMs(site: Site, { pods }: { readonly pods: number }): Promise<number> {
  const { all } = await requestsOf(site, { fromMs: 0, toMs: Infinity });
  const evictions = all.filter((entry) => isEviction(entry) && entry.code === 201);
  const evicted = new Set(evictions.map(({ object }) => object.name));
  // Who deletes them in the end is the kubelet of the fake node.
  const gone = new Map<string | undefined, number>();
  for (const { verb, object, code, completedAt } of await site.cluster.auditEntries())
    if (verb === "delete" && object.namespace === site.name && code === 200 && evicted.has(object.name))
      gone.set(object.name, completedAt.getTime());
  if (gone.size < pods) throw new Error(`${gone.size} of ${pods} pods of ${site.name} are gone`);
  return Math.max(...gone.values()) - Math.min(...evictions.map(receivedMs));
}

function isEviction({ object }: AuditEntry): boolean {
  return object.subresource === "eviction";
}

/** Before the first eviction the last of these is the cordon. */
function writesNode({ verb, object, code }: AuditEntry): boolean {
  return object.resource === "nodes" && (verb === "patch" || verb === "update") && code === 200;
}

function receivedMs({ receivedAt }: AuditEntry): number {
  return receivedAt.getTime();
}

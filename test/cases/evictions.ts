import type { AuditEntry } from "../controlplane/cluster/audit.ts";
import type { Site } from "./site.ts";

/** One eviction request, as the API server's audit log has it. */
export interface Eviction {
  readonly pod: string;
  /** Of the answer: 201, or 429 where a budget refused it. */
  readonly code: number;
  /** In ms since 1970. */
  readonly askedAtMs: number;
}

/** Every eviction in the site's namespace so far by one of its accounts, in the order in which they were asked for. */
export async function evictionsOn({ cluster, name }: Site): Promise<readonly Eviction[]> {
  const isOurs = ({ user, object }: AuditEntry) =>
    object.subresource === "eviction" && object.namespace === name && user.startsWith(`system:serviceaccount:${name}:`);
  return (await cluster.auditEntries())
    .filter(isOurs)
    .map(({ object, code, receivedAt }) => ({ pod: object.name ?? "", code, askedAtMs: receivedAt.getTime() }))
    .toSorted((one, other) => one.askedAtMs - other.askedAtMs);
}

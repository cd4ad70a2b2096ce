import type { AuditEntry } from "../../test/controlplane/cluster/audit.ts";
import type { Site } from "../../test/cases/site.ts";

/** An interval in ms since 1970; its end does not belong to it. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the site's accounts asked of the API server in the interval; renewals of Leases apart. */
export interface Requests {
  readonly all: readonly AuditEntry[];
  readonly leases: number;
}

/** Counted by the API server's own audit log, where each request stands once, at the instant at which it arrived. */
export async function requestsOf({ cluster, name }: Site, { fromMs, toMs }: Interval): Promise<Requests> {
  const entries = (await cluster.auditEntries()).filter(({ user, receivedAt }) => {
    const atMs = receivedAt.getTime();
    return user.startsWith(`system:serviceaccount:${name}:`) && atMs >= fromMs && atMs < toMs;
  });
  const all = entries.filter(({ object }) => object.resource !== "leases");
  return { all, leases: entries.length - all.length };
}

/** `evict 110, patch nodes 9, watch pods 1`, the most frequent first: where requests go. */
export function kindsOf(requests: readonly AuditEntry[]): string {
  const counts = Map.groupBy(requests, ({ verb, object: { resource = "?", subresource } }) =>
    subresource === "eviction" ? "evict" : `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`}`,
  );
  return Array.from(counts, ([kind, { length }]) => ({ kind, length }))
    .toSorted((one, other) => other.length - one.length)
    .map(({ kind, length }) => `${kind} ${length}`)
    .join(", ");
}

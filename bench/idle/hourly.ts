import type { AuditEntry } from "../../test/controlplane/cluster/audit.ts";
import type { Requests } from "../stage/requests.ts";

/** What an hour costs, by what was seen in a part of one. */
export interface Hourly {
  readonly requests: number;
  readonly leases: number;
}

/**
 * Watches are asked for anew so seldom that a few minutes may show none: of each that is open, its own `timeoutSeconds`
 * says how often. Everything else is counted and multiplied.
 */
export function hourly({
  before,
  within,
  seconds,
}: {
  readonly before: Requests;
  readonly within: Requests;
  readonly seconds: number;
}): Hourly {
  const perHour = 3600 / seconds;
  const others = within.all.filter((entry) => !isWatch(entry)).length;
  const watches = [...before.all, ...within.all].filter((entry) => isWatch(entry) && entry.stage === "ResponseStarted");
  const renewals = watches.reduce((sum, { requestUri }) => sum + 3600 / timeoutSeconds(requestUri), 0);
  return { requests: others * perHour + renewals, leases: within.leases * perHour };
}

/** One whose answer has only begun is open. */
function isWatch({ verb }: AuditEntry): boolean {
  return verb === "watch";
}

/** An API server ends a watch that says nothing of it after half an hour at the earliest. */
function timeoutSeconds(requestUri: string): number {
  return Number(new URL(requestUri, "https://any").searchParams.get("timeoutSeconds") ?? 1_800);
}

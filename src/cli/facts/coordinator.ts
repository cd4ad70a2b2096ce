import type { LeaseSight, Sight } from "../surroundings.ts";
import { printable } from "../text/printable.ts";
import { ago, span } from "../text/times.ts";

/** Who leads, and how long ago it last said so: what is told is only kept true by somebody who lives. */
export function coordinatorText(
  lease: Sight<LeaseSight>,
  { name, nowMs }: { readonly name: string; readonly nowMs: number },
): string {
  switch (lease.kind) {
    case "absent":
      return `there is no Lease ${name}, so no coordinator; classic daemons decide each for its own node`;
    case "unknown":
      return printable(`unknown, because the Lease ${name} cannot be read: ${lease.reason}`);
    case "seen":
      return leaseText(lease.value, nowMs);
  }
}

/** Whether nobody keeps verdicts true now. */
export function isLeaderless(lease: Sight<LeaseSight>, nowMs: number): boolean {
  return lease.kind === "seen" && (lease.value.holder === "" || isOver(lease.value, nowMs));
}

function leaseText(lease: LeaseSight, nowMs: number): string {
  const { holder, term, durationMs, renewedAtMs } = lease;
  const sign = renewedAtMs === undefined ? "no sign of life yet" : `last sign of life ${ago(renewedAtMs, nowMs)}`;
  if (holder === "") return `nobody leads: the Lease was given back; ${sign}`;
  const name = printable(holder);
  if (!isOver(lease, nowMs)) return `${name} leads (term ${term}); ${sign}`;
  const promise = durationMs === undefined ? "" : `, although it promised one every ${span(durationMs)}`;
  return `nobody leads: of ${name}, ${sign}${promise}. What is told may not be true any more`;
}

function isOver({ durationMs, renewedAtMs }: LeaseSight, nowMs: number): boolean {
  return renewedAtMs === undefined || nowMs > renewedAtMs + (durationMs ?? 0);
}

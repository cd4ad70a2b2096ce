import type { LedgerEntry } from "../../core/lock/entry.ts";
import type { Ledger } from "../../core/lock/ledger.ts";
import type { DaemonSetSight, Sight } from "../surroundings.ts";
import { excerpt, printable } from "../text/printable.ts";
import { instant, lasting, span } from "../text/times.ts";

/** Who holds the lock, one line each; `daemonSet` is its name for sentences. */
export function lockTexts(
  sight: Sight<DaemonSetSight>,
  { daemonSet, nowMs }: { readonly daemonSet: string; readonly nowMs: number },
): readonly string[] {
  switch (sight.kind) {
    case "absent":
      return [`there is no DaemonSet ${daemonSet}, so no lock either; --ds-namespace and --ds-name say which one`];
    case "unknown":
      return [printable(`unknown, because the DaemonSet ${daemonSet} cannot be read: ${sight.reason}`)];
    case "seen":
      return ledgerTexts(sight.value.ledger, nowMs);
  }
}

function ledgerTexts(ledger: Ledger, nowMs: number): readonly string[] {
  switch (ledger.kind) {
    case "free":
      return ["free"];
    case "unreadable":
      return [`a pause, because it cannot be read (${printable(ledger.reason)}): ${excerpt(ledger.text)}`];
    case "single":
      return [holderText(ledger.entry, nowMs)];
    case "multi":
      return ledger.entries.map((entry) => `${holderText(entry, nowMs)} (of ${ledger.maxOwners} places)`);
  }
}

function holderText({ nodeId, createdMs, ttlNs }: LedgerEntry, nowMs: number): string {
  const name = printable(nodeId) === nodeId && nodeId !== "" ? nodeId : excerpt(nodeId);
  // Such an entry has no end, whatever its TTL says.
  if (createdMs === undefined)
    return `held by ${name} since an unknown time: by hand or by a kured before 1.6, until somebody removes it`;
  return `held by ${name} ${lasting(createdMs, nowMs)}, ${endText(createdMs, { ttlNs, nowMs })}`;
}

function endText(createdMs: number, { ttlNs, nowMs }: { readonly ttlNs: bigint; readonly nowMs: number }): string {
  if (ttlNs <= 0n) return "without end";
  const untilMs = createdMs + Number(ttlNs / 1_000_000n);
  return untilMs > nowMs ? `until ${instant(untilMs)}` : `over since ${instant(untilMs)} (${span(nowMs - untilMs)})`;
}

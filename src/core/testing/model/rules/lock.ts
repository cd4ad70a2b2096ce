import type { Action } from "../../../action.ts";
import { decodeRecord, recordAnnotation, type MaintenanceRecord } from "../../../fleet/record.ts";
import type { LedgerEntry } from "../../../lock/entry.ts";
import { parseLedger } from "../../../lock/ledger.ts";
import { entriesOf } from "../../../lock/place.ts";
import type { Changed } from "../cluster.ts";
import type { Break, Scenery } from "./scenery.ts";

/** What the marks on the nodes tell about the lock. */
export interface Marks {
  /** Nodes whose record or cordon a person has meddled with during this maintenance. */
  readonly meddled: ReadonlySet<string>;
  /** Nodes that are out of service for a reason of their own, and since when. */
  readonly unavailableSinceMs: ReadonlyMap<string, number>;
}

/** Who may be in the lock, and who may be taken out of it (rules 1 and 6). */
export class RulesOfTheLock {
  readonly #scenery: Scenery;
  readonly #marks: Marks;
  readonly #break: Break;
  /** Nodes whose lock entry a person has taken away during this maintenance. */
  readonly #meddled = new Set<string>();

  constructor(scenery: Scenery, { marks, broken }: { marks: Marks; broken: Break }) {
    this.#scenery = scenery;
    this.#marks = marks;
    this.#break = broken;
  }

  /** The maintenance of a node is over. */
  forget(name: string): void {
    this.#meddled.delete(name);
  }

  /** Answers whose entries a person took away. */
  changed({ before, after, writer, action }: Changed<string>): readonly string[] {
    const [old, recent] = [before, after].map((text) => entriesOf(parseLedger(text)));
    const removed = (old ?? []).filter((entry) => !(recent ?? []).some((other) => isSame(other, entry)));
    if (writer.kind === "person") {
      for (const { nodeId } of removed) this.#meddled.add(nodeId);
      return removed.map(({ nodeId }) => nodeId);
    }
    if (action?.kind !== "writeLedger") return [];
    if (parseLedger(before).kind === "unreadable") this.#break("6", "an unreadable lock was overwritten");
    const stay = (old ?? []).filter((entry) => !removed.includes(entry));
    if (stay.length > 0 && recent?.length && parseLedger(before).kind !== parseLedger(after).kind)
      this.#break("6", "the lock's other format was overwritten");
    for (const entry of removed)
      if (!this.#mayGo(entry, action)) this.#break("6", `${action.step} removed ${JSON.stringify(entry, text)}`);
    if (action.step === "take") this.#taken(action.node, recent ?? []);
    return [];
  }

  #mayGo(entry: LedgerEntry, { step, node: about }: Extract<Action, { kind: "writeLedger" }>): boolean {
    const { cluster, timeline } = this.#scenery;
    const node = cluster.nodes.get(entry.nodeId);
    const record = recordOf(this.#scenery, entry.nodeId);
    // Where a person wrote over the record, whoever had it may not have heard of that yet.
    const isOwn = (record?.lock === entry.created && record.phase === "closing") || this.#marks.meddled.has(about);
    if (step === "release") return about === entry.nodeId && isOwn;
    if (step === "renew") return about === entry.nodeId;
    if (entry.createdMs === undefined) return false;
    const missingAtMs = cluster.missingAtMs.get(entry.nodeId) ?? -Infinity;
    if (node === undefined || missingAtMs + 120_000 > timeline.nowMs) return true;
    const isOver = entry.ttlNs > 0n && entry.createdMs + Number(entry.ttlNs / 1_000_000n) <= timeline.wallMs + 120_000;
    return isOver && node.ready && !node.unschedulable && timeline.nowMs - node.readySinceMs >= 4 * 60_000;
  }

  /** What was out of service for a minute before a place was taken must have been counted. */
  #taken(name: string, entries: readonly LedgerEntry[]): void {
    const { concurrency } = this.#scenery.policy;
    if (entries.length > Math.max(1, concurrency)) this.#break("1", `${entries.length} entries in the lock`);
    if (this.#scenery.mode === "classic") return;
    const { nowMs } = this.#scenery.timeline;
    const out = Array.from(this.#marks.unavailableSinceMs).flatMap(([other, sinceMs]) =>
      other !== name && nowMs - sinceMs > 60_000 && !entries.some(({ nodeId }) => nodeId === other) ? [other] : [],
    );
    if (entries.length + out.length > Math.max(1, concurrency))
      this.#break("1", `${name} was claimed while ${out.join(", ")} were out of service`);
  }

  /** Never more nodes at once than allowed, between the cordon and the end. */
  countHolders(): void {
    const holders = [...this.#scenery.cluster.nodes.values()].filter(({ name }) => {
      const phase = recordOf(this.#scenery, name)?.phase;
      return phase !== undefined && disrupting.has(phase) && !this.#meddled.has(name);
    });
    const limit = Math.max(1, this.#scenery.policy.concurrency);
    if (holders.length > limit) this.#break("1", `${holders.map(({ name }) => name).join(", ")} at once`);
    if (this.#scenery.mode === "coordinated" && holders.filter(({ controlPlane }) => controlPlane).length > 1)
      this.#break("1", "two control-plane nodes at once");
  }
}

/** Our record of a node, as it stands in the API. */
export function recordOf({ cluster, policy }: Scenery, name: string): MaintenanceRecord | undefined {
  const reading = decodeRecord(cluster.nodes.get(name)?.annotations[recordAnnotation]);
  return reading.kind === "record" && reading.record.owner === policy.owner ? reading.record : undefined;
}

const disrupting: ReadonlySet<string> = new Set(["draining", "approved", "rebooting", "returning"]);

function isSame(one: LedgerEntry, other: LedgerEntry): boolean {
  return one.nodeId === other.nodeId && one.created === other.created;
}

function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

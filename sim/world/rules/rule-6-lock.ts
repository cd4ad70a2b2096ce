import type { LedgerEntry } from "../../../src/core/lock/entry.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { at } from "../../apiserver/objects/json.ts";
import { conditionStatus } from "../../cluster/conditions.ts";
import { annotationOf, lockTextOf, nodeNamed, recordOn } from "../reading.ts";
import { nodeWrite, type Rule, type Scenery } from "./scenery.ts";
import { writerOf } from "../authors/writer.ts";

/** Machines' clocks are wrong by a minute or two, jumps apart, and news are as old. */
const clockErrorMs = 120_000;
/** A Node that was away so shortly ago may have been proven gone before it came back. */
const provenGoneMs = 7 * 60_000;

/** Rule 6: the lock table: who may be taken out of the lock, what is never overwritten. */
export const lock: Rule = (scenery) => {
  const { world } = scenery;
  const goneAtMs = new Map<string, number>();
  return {
    written: (change, user) => {
      const { stored, before, after } = change;
      const write = nodeWrite(change, user);
      if (write?.after === undefined && write !== undefined) goneAtMs.set(write.name, world.timeline.nowMs);
      if (write?.writer === "ours") checkForeignRecord(write.before, { world, name: write.name });
      if (stored !== "daemonsets.apps" || writerOf(user) !== "ours") return;
      const [was, is] = [before, after].map((one) => parseLedger(lockTextOf(one)));
      if (was === undefined || is === undefined) return;
      const [old, recent] = [entriesOf(was), entriesOf(is)];
      if (was.kind === "unreadable") world.break("rule 6", "an unreadable lock is overwritten");
      const stay = old.filter((entry) => recent.some((other) => isSame(entry, other)));
      if (stay.length > 0 && was.kind !== is.kind) world.break("rule 6", "the lock's other format is overwritten");
      for (const entry of old) {
        if (recent.some((other) => isSame(entry, other)) || mayGo(entry, { ...scenery, goneAtMs })) continue;
        world.break("rule 6", `${user} takes ${entry.nodeId} of ${entry.created} out of the lock`);
      }
    },
  };
};

function checkForeignRecord(
  before: Parameters<typeof recordOn>[0],
  { world, name }: Pick<Scenery, "world"> & { readonly name: string },
): void {
  const text = annotationOf(before, recordAnnotation);
  if (text === undefined || recordOn(before) !== undefined) return;
  if (annotationOf(nodeNamed(name, world), recordAnnotation) !== text)
    world.break("rule 6", `a record of somebody else on ${name} is overwritten`);
}

function isSame(one: LedgerEntry, other: LedgerEntry): boolean {
  return one.nodeId === other.nodeId && one.created === other.created;
}

function mayGo(
  entry: LedgerEntry,
  { world, meddling, goneAtMs }: Scenery & { readonly goneAtMs: ReadonlyMap<string, number> },
): boolean {
  const node = nodeNamed(entry.nodeId, world);
  const record = recordOn(node);
  // Ours is given back at the end; where somebody wrote over the record, whoever had it may not have heard of that yet.
  if (record?.lock === entry.created && record.phase === "closing") return true;
  if (meddling.touched(entry.nodeId)) return true;
  if (entry.createdMs === undefined) return false;
  const goneMs = world.timeline.nowMs - (goneAtMs.get(entry.nodeId) ?? -Infinity);
  if (node === undefined || goneMs < provenGoneMs) return true;
  const isOver =
    entry.ttlNs > 0n && entry.createdMs + Number(entry.ttlNs / 1_000_000n) <= world.timeline.wallMs + clockErrorMs;
  const works = conditionStatus(node, "Ready") === "True" && at(node, "spec", "unschedulable") !== true;
  return isOver && works;
}

import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { Change } from "../../apiserver/store/store.ts";
import { isTerminating } from "../../apiserver/objects/object.ts";
import { nodeOf } from "../../cluster/seen-pods.ts";
import { lockTextOf, nodeNamed, recordOn } from "../reading.ts";
import { nodeWrite, phaseOn, type NodeWrite, type Rule, type Scenery } from "./scenery.ts";
import { writerOf } from "../authors/writer.ts";

/** An eviction may be on its way for so long after what it rested on was taken away: the accepted residue. */
const residueMs = 60_000;

/** Rule 4: the record first, then the act: no lock entry, no cordon and no eviction that no record announces. */
export const writeFirst: Rule = ({ world, meddling }) => {
  const drainedAtMs = new Map<string, number>();
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      // What was the case until now counts as well as what is the case from now on.
      for (const node of [change.before, change.after])
        if (write !== undefined && phaseOn(node) === "draining") drainedAtMs.set(write.name, world.timeline.nowMs);
      if (writerOf(user) !== "ours") return;
      if (write !== undefined) checkCordon(write, { world, meddling });
      if (change.stored === "daemonsets.apps") checkTake(change, { world, meddling });
      if (change.stored === "pods") checkEviction(change, { world, drainedAtMs });
    },
  };
};

function checkCordon({ name, before, after }: NodeWrite, { world }: Scenery): void {
  const [was, is] = [before, after].map((node) => at(node, "spec", "unschedulable") === true);
  const record = recordOn(after);
  if (is && !was && (record?.phase !== "draining" || record.cordon !== "ours"))
    world.break("rule 4", `${name} is cordoned without a record that says so`);
}

function checkTake({ before, after }: Change, { world, meddling }: Scenery): void {
  const [old, recent] = [before, after].map((one) => entriesOf(parseLedger(lockTextOf(one))));
  for (const { nodeId, created } of recent ?? []) {
    if (old?.some((one) => one.nodeId === nodeId) === true || meddling.records.has(nodeId)) continue;
    const node = nodeNamed(nodeId, world);
    // A node that was deleted took its record with it while the entry was on its way.
    if (node !== undefined && recordOn(node) === undefined && meddling.everRewritten.has(nodeId)) continue;
    if (node !== undefined && recordOn(node)?.lock !== created)
      world.break("rule 4", `the lock is taken for ${nodeId} without a record of that`);
  }
}

function checkEviction(
  { before, after }: Change,
  { world, drainedAtMs }: Pick<Scenery, "world"> & { readonly drainedAtMs: ReadonlyMap<string, number> },
): void {
  if (before === undefined || isTerminating(before) || (after !== undefined && !isTerminating(after))) return;
  const name = nodeOf(before);
  const isDraining = phaseOn(nodeNamed(name, world)) === "draining";
  const sinceMs = world.timeline.nowMs - (drainedAtMs.get(name) ?? -Infinity);
  if (!isDraining && sinceMs > residueMs)
    world.break("rule 4", `${before.metadata.name} is evicted from ${name}, which is not being drained`);
}

import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { Change } from "../../apiserver/store/store.ts";
import { conditionStatus } from "../../cluster/conditions.ts";
import { limitOf } from "../options.ts";
import { lockTextOf } from "../reading.ts";
import { phaseOn, seesFleet, type Rule, type Scenery } from "./scenery.ts";
import { writerOf } from "../authors/writer.ts";

/** What is known of a node for so long must be counted, however slow the news: five minutes, and a freeze. */
const newsMs = 7 * 60_000;

const disrupting: ReadonlySet<string> = new Set(["draining", "approved", "rebooting", "returning"]);

/**
 * Rule 1: never more holders than allowed; coordinated, those out of service count, and one control-plane node at most.
 */
export const holders: Rule = (scenery) => {
  const { world } = scenery;
  const outSinceMs = new Map<string, number>();
  return {
    written: (change, user) => {
      if (change.stored === "nodes") {
        noteAvailability(change, { scenery, outSinceMs });
        if (writerOf(user) === "ours") countHolders(scenery);
      }
      if (change.stored === "daemonsets.apps" && writerOf(user) === "ours") countEntries(change, { world, outSinceMs });
    },
  };
};

interface Out {
  /** Since when each node has been out of service for a reason of its own. */
  readonly outSinceMs: Map<string, number>;
}

function noteAvailability({ before, after }: Change, { scenery, outSinceMs }: Out & { scenery: Scenery }): void {
  const { world } = scenery;
  const name = (after ?? before)?.metadata.name ?? "";
  const cordoned = at(after, "spec", "unschedulable") === true && !world.cordons.isOurs(name);
  const out = after !== undefined && (conditionStatus(after, "Ready") !== "True" || cordoned);
  if (!out) outSinceMs.delete(name);
  else if (!outSinceMs.has(name)) outSinceMs.set(name, world.timeline.nowMs);
}

function countHolders({ world, meddling }: Scenery): void {
  const held = world.server
    .objects("nodes")
    .filter((node) => disrupting.has(phaseOn(node) ?? "") && !meddling.touched(node.metadata.name))
    .map(({ metadata }) => metadata.name);
  if (held.length > limitOf(world.options)) world.break("rule 1", `${held.join(", ")} are maintained at once`);
  const controlPlane = held.filter((name) => world.machines.get(name)?.controlPlane === true);
  if (seesFleet(world) && controlPlane.length > 1)
    world.break("rule 1", `${controlPlane.join(", ")} are control-plane nodes`);
}

function countEntries({ before, after }: Change, { world, outSinceMs }: Out & Pick<Scenery, "world">): void {
  const [old, recent] = [before, after].map((one) => entriesOf(parseLedger(lockTextOf(one))));
  if (old === undefined || recent === undefined || recent.length <= old.length) return;
  if (recent.length > limitOf(world.options)) world.break("rule 1", `${recent.length} entries in the lock`);
  if (!seesFleet(world)) return;
  const taken = recent.find(({ nodeId }) => old.every((one) => one.nodeId !== nodeId))?.nodeId;
  const out = Array.from(outSinceMs).flatMap(([name, sinceMs]) =>
    name !== taken && world.timeline.nowMs - sinceMs > newsMs && recent.every(({ nodeId }) => nodeId !== name)
      ? [name]
      : [],
  );
  if (recent.length + out.length > limitOf(world.options))
    world.break("rule 1", `${taken} is claimed while ${out.join(", ")} are out of service`);
}

import { recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import { Meddling } from "../authors/meddling.ts";
import { holders } from "./rule-1-holders.ts";
import { commit } from "./rule-2-commit.ts";
import { proof } from "./rule-3-proof.ts";
import { leaders } from "./rule-4-leaders.ts";
import { writeFirst } from "./rule-4-write-first.ts";
import { marks } from "./rule-5-marks.ts";
import { lock } from "./rule-6-lock.ts";
import { gatesStayShut } from "./rule-7-gates.ts";
import { unknownMeansNo } from "./rule-7-unknown.ts";
import { windows } from "./rule-7-window.ts";
import { stop } from "./rule-8-stop.ts";
import { rights } from "./rule-11-rights.ts";
import type { Rule } from "./scenery.ts";

/** What must hold at every event; the ninth rule is what is left at the end. */
const rules: readonly Rule[] = [
  holders,
  commit,
  proof,
  writeFirst,
  leaders,
  marks,
  lock,
  unknownMeansNo,
  gatesStayShut,
  windows,
  stop,
  rights,
];

/**
 * From now on everything that happens in this world is held against every rule; the answer is what others have done to
 * it.
 */
export function watchRules(world: World): Meddling {
  const meddling = new Meddling(world);
  world.observers.push({
    written: (change, user) => {
      meddling.written(change, user);
      const [was, is] = [recordOn(change.before)?.phase, recordOn(change.after)?.phase];
      if (change.stored === "nodes" && is !== undefined && is !== was) world.coverage.count("phase", is);
    },
  });
  for (const rule of rules) world.observers.push(rule({ world, meddling }));
  return meddling;
}

import { isGiven, nodeWrite, phaseOn, type Rule } from "./scenery.ts";

/** An answer of a gate counts for half a minute, and one that stays away for another. */
const newsMs = 90_000;

/** The world begins on a Monday; windows are in UTC and end with the day. */
const dayMs = 24 * 3_600_000;
/** How wrong a machine's clock may be that nobody sets. */
const clockErrorMs = 120_000;

/** Rule 7, of gates and windows: one that is closed, or cannot be asked, lets nothing be approved. */
export const gatesStayShut: Rule = ({ world }) => ({
  written: (change, user) => {
    const write = nodeWrite(change, user);
    if (write?.writer !== "ours" || phaseOn(write.after) !== "approved" || phaseOn(write.before) === "approved") return;
    if (isGiven("--prometheus-url", world) && world.alarms.unquietForMs > newsMs)
      world.break("rule 7", `${write.name} is approved although Prometheus is ${world.alarms.state}`);
    const opensMs = opensAtMs(world.flags);
    const isSet = world.options.mishaps.some(({ name }) => name === "a wall clock jumps");
    if (opensMs !== undefined && !isSet && (world.timeline.wallMs % dayMs) + clockErrorMs < opensMs)
      world.break("rule 7", `${write.name} is approved outside the window`);
  },
});

/** When of the day the window opens; `undefined` where there is none. */
function opensAtMs(flags: readonly string[]): number | undefined {
  const [, hours, minutes] = /--start-time=(\d+):(\d+)/.exec(flags.join(" ")) ?? [];
  return hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60_000;
}

import { isGiven, nodeWrite, phaseOn, type Rule } from "./scenery.ts";

/** An answer of a gate counts for half a minute, and one that stays away for another. */
const newsMs = 90_000;

/** Rule 7, of gates: one that is closed, or cannot be asked, lets nothing be approved. */
export const gatesStayShut: Rule = ({ world }) => ({
  written: (change, user) => {
    const write = nodeWrite(change, user);
    if (write?.writer !== "ours" || phaseOn(write.after) !== "approved" || phaseOn(write.before) === "approved") return;
    if (isGiven("--prometheus-url", world) && world.alarms.unquietForMs > newsMs)
      world.break("rule 7", `${write.name} is approved although Prometheus is ${world.alarms.state}`);
  },
});

import { nodeNamed, recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import { isEarlier } from "./rule-2-commit.ts";
import { nodeWrite, phaseOn, seesFleet, type Rule } from "./scenery.ts";

/** What is known for so long must be acted on, however slow the news. */
const newsMs = 7 * 60_000;

/** Rule 8: the first node that does not come back stops the roll-out. Classic sees no other node than its own. */
export const stop: Rule = ({ world, meddling }) => {
  const awaySinceMs = new Map<string, number>();
  // Whether a reboot is overdue is told by a wall clock; where that is set, nobody can say what it showed.
  const clocksAreSet = world.options.mishaps.some(({ name }) => name === "a wall clock jumps");
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      if (write === undefined) return;
      const { name, before, after, writer } = write;
      const away = ["rebooting", "returning"].includes(phaseOn(after) ?? "");
      if (!away || phaseOn(before) !== phaseOn(after)) awaySinceMs.delete(name);
      if (away && !awaySinceMs.has(name)) awaySinceMs.set(name, world.timeline.nowMs);
      const begins = phaseOn(after) === "intended" && phaseOn(before) === undefined;
      if (!seesFleet(world) || writer !== "ours" || !begins || clocksAreSet) return;
      const overdue = Array.from(awaySinceMs).filter(
        ([other, sinceMs]) =>
          other !== name &&
          !meddling.everRewritten.has(other) &&
          !isBack(other, world) &&
          world.timeline.nowMs - sinceMs > deadlineMs(world) + newsMs,
      );
      const failed = world.server
        .objects("nodes")
        .filter((node) => recordOn(node)?.failure !== undefined && overdue.some(([one]) => one === node.metadata.name));
      if (overdue.length + failed.length > 0)
        world.break("rule 8", `${name} is begun although ${overdue.map(([one]) => one).join(", ")} did not come back`);
    },
  };
};

/** Its kubelet says that the machine has booted since: it did come back, and the rest is a matter of seconds. */
function isBack(name: string, world: World): boolean {
  const boot = recordOn(nodeNamed(name, world))?.boot;
  const machine = world.machines.get(name);
  return boot !== undefined && machine !== undefined && machine.state === "up" && isEarlier(boot, machine);
}

function deadlineMs({ options }: World): number {
  const flag = options.flags.find((one) => one.startsWith("--reboot-deadline="));
  return Number(/=(\d+)m$/.exec(flag ?? "")?.[1] ?? 10) * 60_000;
}

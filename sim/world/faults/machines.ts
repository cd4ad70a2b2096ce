import type { Mishap, Place } from "./mishap.ts";
import { nodePath } from "./mishap.ts";

/** Machines whose reboot goes wrong, whose clocks are wrong, and whose Nodes come and go. */
export const machineMishaps: readonly Mishap[] = [
  command("works"),
  command("slow"),
  command("fails"),
  command("failsAndReboots"),
  command("hangs"),
  command("hangsAndReboots"),
  command("nothing"),
  command("missing"),
  returns("back"),
  returns("late"),
  returns("never"),
  returns("another"),
  { name: "the power is cut", happen: (_world, { machine }) => machine.losePower() },
  { name: "a reboot by hand", happen: (_world, { machine, dice }) => machine.goDown(dice.between(0, 5_000)) },
  { name: "a reboot is needed", happen: (_world, { machine }) => setSentinel("present", machine) },
  { name: "no reboot is needed", happen: (_world, { machine }) => setSentinel("absent", machine) },
  { name: "the sentinel cannot be read", happen: (_world, { machine }) => setSentinel("unreadable", machine) },
  {
    name: "the sentinel outlives the boot",
    happen: (_world, { machine }) => {
      machine.stubborn = true;
    },
  },
  {
    name: "a wall clock jumps",
    happen: (_world, { machine, dice }) =>
      machine.time.jump(dice.pick([-7_200_000, -3_600_000, -60_000, -1_000, 1_000, 60_000, 3_600_000, 7_200_000])),
  },
  { name: "a wall clock is set right", happen: (_world, { machine }) => machine.time.correct() },
  {
    name: "a Node is deleted",
    happen: ({ cluster, people, timeline, network: _network }, { machine, dice }) => {
      people.remove(nodePath(machine));
      cluster.removeNode(machine.name);
      timeline.after(dice.between(1_000, 600_000), () => machine.registerAgain());
    },
  },
];

function command(mode: Place["machine"]["mode"]): Mishap {
  return {
    name: `the reboot command ${mode}`,
    happen: (_world, { machine }) => {
      machine.mode = mode;
    },
  };
}

function returns(mode: Place["machine"]["returns"]): Mishap {
  return {
    name: `the next boot: ${mode}`,
    happen: (_world, { machine }) => {
      machine.returns = mode;
    },
  };
}

function setSentinel(mode: Place["machine"]["sentinel"], machine: Place["machine"]): void {
  if (machine.state !== "off") machine.setSentinel(mode);
}

import { nodePath } from "../../world/faults/mishap.ts";
import { adminOf } from "../../cluster/admin.ts";
import type { CommandMode } from "../../world/hosts/machine.ts";
import type { World } from "../../world/world.ts";
import type { Verb } from "./verb.ts";

/** What machines need and do. */
export const machineVerbs: readonly Verb[] = [
  { form: "{node} needs a reboot", happen: (world, words) => words.machine(world).setSentinel("present") },
  { form: "{node} needs no reboot", happen: (world, words) => words.machine(world).setSentinel("absent") },
  {
    form: "the sentinel of {node} cannot be read",
    happen: (world, words) => words.machine(world).setSentinel("unreadable"),
  },
  {
    form: "the sentinel of {node} outlives its reboots",
    happen: (world, words) => {
      words.machine(world).stubborn = true;
    },
  },
  {
    form: "the sentinel of {node} goes with its next reboot",
    happen: (world, words) => {
      words.machine(world).stubborn = false;
    },
  },
  rebootCommand("fails", "fails"),
  rebootCommand("does nothing", "nothing"),
  rebootCommand("works", "works"),
  {
    form: "{node} will not come back from its next reboot",
    happen: (world, words) => {
      words.machine(world).returns = "never";
    },
  },
  {
    form: "somebody starts {node} by hand",
    happen: (world, words) => {
      const machine = words.machine(world);
      machine.returns = "back";
      machine.pressPower();
    },
  },
  { form: "somebody reboots {node} by hand", happen: (world, words) => words.machine(world).goDown(0) },
  { form: "the power of {node} is cut", happen: (world, words) => words.machine(world).losePower() },
  {
    form: "the clock of {node} jumps by {shift}",
    happen: (world, words) => words.machine(world).time.jump(words.ms("shift")),
  },
  { form: "the VM of {node} is deleted", happen: (world, words) => deleteMachine(world, words.text("node")) },
  {
    form: "a VM {node} joins",
    happen: (world, words) =>
      world.addMachine(words.text("node"), { controlPlane: false, clockRate: 1, clockAheadMs: 0 }),
  },
];

/** What it does from now on; `does` is how a scenario puts it. */
function rebootCommand(does: string, mode: CommandMode): Verb {
  return {
    form: `the reboot command of {node} ${does}`,
    happen: (world, words) => {
      words.machine(world).mode = mode;
    },
  };
}

/** As a cloud does it: the machine goes without a word, and soon its Node too. */
function deleteMachine(world: World, name: string): void {
  const machine = world.machines.get(name);
  if (machine === undefined) throw new Error(`There is no machine ${name} any more`);
  machine.returns = "never";
  machine.losePower();
  adminOf(world.server, "cloud-controller").remove(nodePath(machine));
  world.cluster.removeNode(name);
  world.machines.delete(name);
}

import type { Ports } from "../../../src/compose/ports.ts";
import type { CommandEnd, CommandOptions } from "../../../src/ports/commands.ts";
import { FileError } from "../../../src/ports/files.ts";
import type { Life } from "../processes/life.ts";
import type { Dice } from "../time/dice.ts";
import type { Timeline } from "../time/timeline.ts";
import type { Machine } from "./machine.ts";

/** The file that says that a reboot is required. */
export const sentinelPath = "/var/run/reboot-required";

/** What a process sees of its machine. */
export interface HostPortsParts {
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly life: Life;
  readonly dice: Dice;
  /** The manifest mounts the sentinel's folder; else it is looked up by a command. */
  readonly mountsSentinel: boolean;
  /** Asked when a command is about to run and when it has; kills the process if it says so. */
  readonly crashes: (command: string, moment: "before" | "after") => boolean;
  /** The command or signal to reboot was given by this process. */
  readonly rebootAsked: () => void;
}

/** Files, commands and signals of one machine for one process. */
export function hostPorts(parts: HostPortsParts): Pick<Ports, "files" | "commands" | "host"> {
  const { machine, life, mountsSentinel } = parts;
  return {
    files: {
      readText: async (path) => {
        if (path === "/proc/self/mountinfo" && mountsSentinel)
          return "1 0 0:1 / / rw - overlay o rw\n2 1 0:2 / /var/run rw - tmpfs t rw\n";
        throw new FileError(`${path} does not exist`, { code: "ENOENT" });
      },
      look: async (path) => {
        if (!mountsSentinel) return { kind: "absent" };
        if (path !== sentinelPath) return { kind: path === "/var/run" ? "present" : "absent" };
        return machine.sentinel === "unreadable"
          ? { kind: "unreadable", reason: "permission denied" }
          : { kind: machine.sentinel };
      },
      watch: (_path, { changed, signal }) => {
        const stop = machine.onSentinel(() => life.deliver(changed));
        signal.addEventListener("abort", stop, { once: true });
        life.onDeath(stop);
      },
    },
    commands: { run: (argv, options) => run(argv, { ...parts, options }) },
    host: {
      bootIdentity: async () => ({ kernelBootId: machine.bootId }),
      bootedAtMs: async () => machine.bootedAtMs,
      signalInit: async (signalNumber) => {
        if (signalNumber !== 0) giveOrder(parts);
      },
    },
  };
}

interface Run extends HostPortsParts {
  readonly options: CommandOptions;
}

/** A program on the host takes some time, and a process that dies meanwhile does not hear how it ended. */
function run(argv: readonly string[], parts: Run): Promise<CommandEnd> {
  const { timeline, life, dice, options, crashes, machine } = parts;
  const words = argv.slice(argv.indexOf("--") + 1);
  const name = words.at(-1) === "reboot" && words[0] !== "test" ? "reboot" : (words[0] ?? "");
  return new Promise((resolve, reject) => {
    if (life.state === "dead" || crashes(name, "before")) return;
    const end = name === "reboot" ? orderReboot(parts) : answerTo(words, machine);
    const tookMs = end.kind === "timedOut" ? options.timeoutMs : dice.between(2, 60);
    const ended = timeline.after(tookMs, () =>
      life.deliver(() => {
        options.signal.removeEventListener("abort", giveUp);
        resolve(end);
        timeline.after(0, () => crashes(name, "after"));
      }),
    );
    const giveUp = (): void => {
      ended.cancel();
      reject(options.signal.reason);
    };
    options.signal.addEventListener("abort", giveUp, { once: true });
  });
}

function answerTo(words: readonly string[], machine: Machine): CommandEnd {
  const isThere = (yes: boolean): CommandEnd => said("", yes ? 0 : 1);
  if (words.at(-1) === "is-system-running")
    return said(machine.state === "stopping" ? "stopping" : "running", machine.state === "stopping" ? 1 : 0);
  if (words[0] !== "test") return said("", 0);
  if (words.includes("-x")) return isThere(machine.mode !== "missing");
  if (words.includes("/run/systemd/shutdown/scheduled")) return isThere(machine.isGoingDown);
  if (!words.includes(sentinelPath)) return isThere(words.includes("-d"));
  return machine.sentinel === "unreadable"
    ? { kind: "exited", code: 1, stdout: "", stderr: "nsenter: cannot open /proc/1/ns/mnt: Permission denied" }
    : isThere(machine.sentinel === "present");
}

/** What the program to reboot says, and what it sets going. */
function orderReboot(parts: Run): CommandEnd {
  const { machine, options } = parts;
  giveOrder(parts);
  switch (machine.mode) {
    case "works":
    case "slow":
    case "nothing":
      return said("", 0);
    case "fails":
    case "failsAndReboots":
      return { kind: "exited", code: 1, stdout: "", stderr: "Failed to talk to init daemon." };
    case "hangs":
    case "hangsAndReboots":
      return { kind: "timedOut", afterMs: options.timeoutMs, stdout: "", stderr: "" };
    case "missing":
      return { kind: "exited", code: 127, stdout: "", stderr: "nsenter: failed to execute reboot" };
  }
}

function giveOrder({ machine, dice, rebootAsked }: HostPortsParts): void {
  rebootAsked();
  const { mode } = machine;
  if (mode === "works" || mode === "failsAndReboots" || mode === "hangsAndReboots")
    machine.goDown(dice.between(10, 3_000));
  if (mode === "slow") machine.goDown(dice.between(30_000, 240_000));
}

function said(stdout: string, code: number): CommandEnd {
  return { kind: "exited", code, stdout, stderr: "" };
}

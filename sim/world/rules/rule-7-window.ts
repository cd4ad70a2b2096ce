import { offsetReader, hoursOf, type Hours } from "../time/hours.ts";
import { nodeWrite, phaseOn, type Rule } from "./scenery.ts";
import type { World } from "../world.ts";

/** How wrong a machine's clock may be that nobody sets, and how long a write may be on its way. */
const [clockErrorMs, wayMs] = [75_000, 30_000];
/** An approval may be used for so long after nobody could take it back any more, and the command follows. */
const approvalMs = 75_000;

const begun: ReadonlySet<string> = new Set(["intended", "approved"]);

/** Rule 7, of windows: outside them nothing is begun, approved or commanded, whatever the drain has come to. */
export const windows: Rule = ({ world }) => {
  // Whether a window is open is told by wall clocks; where those are set, nobody can say what they showed.
  const clocksAreSet = world.options.mishaps.some(({ name }) => name === "a wall clock jumps");
  const first = hoursOf(world.flags);
  if (first === undefined || clocksAreSet) return {};
  const census = windowCensus(first, world);
  const isShut = (earlierMs: number): boolean => {
    // Whoever opens it for good has new pods started with new flags.
    const hours = hoursOf(world.flags) === undefined ? undefined : first;
    const { wallMs } = world.timeline;
    for (let atMs = wallMs - earlierMs; atMs <= wallMs + clockErrorMs; atMs += 5_000)
      if (hours === undefined || hours.isOpen(atMs)) return false;
    return true;
  };
  return {
    written: (change, user) => {
      const write = nodeWrite(change, user);
      if (write === undefined) return;
      census();
      const [was, is] = [phaseOn(write.before), phaseOn(write.after)];
      if (write.writer !== "ours" || is === undefined || is === was || !begun.has(is)) return;
      if (isShut(clockErrorMs + wayMs)) world.break("rule 7", `${write.name} comes to ${is} outside the window`);
    },
    rebootAsked: ({ workplace }) => {
      if (isShut(clockErrorMs + wayMs + approvalMs))
        world.break("rule 7", `${workplace.machine} is told to reboot outside the window`);
    },
  };
};

/** Counts what windows came upon: which phases they closed in, and what the clocks on the wall did. */
function windowCensus(hours: Hours, world: World): () => void {
  const offsetAt = offsetReader(hours.zone);
  const { coverage, timeline } = world;
  if (hours.isOverMidnight) coverage.count("window", "goes over midnight");
  if (offsetAt(timeline.wallMs) !== 0) coverage.count("window", "is of another time zone");
  let wasOpen = hours.isOpen(timeline.wallMs);
  let offsetMs = offsetAt(timeline.wallMs);
  return () => {
    const [isOpen, nowMs] = [hours.isOpen(timeline.wallMs), offsetAt(timeline.wallMs)];
    if (nowMs !== offsetMs) coverage.count("window", `the clocks go ${nowMs > offsetMs ? "forward" : "back"}`);
    if (wasOpen && !isOpen && hoursOf(world.flags) !== undefined)
      for (const node of world.server.objects("nodes")) coverage.count("window", `closes: ${phaseOn(node) ?? "idle"}`);
    if (!wasOpen && isOpen) coverage.count("window", "opens");
    [wasOpen, offsetMs] = [isOpen, nowMs];
  };
}

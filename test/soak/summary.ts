import type { Course } from "./memory.ts";
import type { SoakEnd } from "./soak.ts";

/** Everything that should not be, a sentence each; none after a good soak. */
export function faultsOf({ fleets, memory, harm }: SoakEnd): readonly string[] {
  const faults: string[] = [];
  for (const { nodes, leftBehind, brokenMachines, twoHolders, mode } of fleets) {
    faults.push(...brokenMachines);
    faults.push(...leftBehind.map((what) => `left behind on ${what}`));
    faults.push(...twoHolders.map((lock) => `${mode}: two nodes in the lock at ${lock}`));
    for (const { node, required, commanded, booted } of nodes) {
      if (commanded !== booted) faults.push(`${node}: ${commanded} reboot commands and ${booted} boots`);
      if (booted !== required) faults.push(`${node}: ${required} reboots were required and ${booted} came`);
    }
    if (nodes.every(({ booted }) => booted === 0)) faults.push(`${mode}: nothing was rebooted at all`);
  }
  faults.push(...memory.flatMap(leak));
  for (const mode of fleets.map((fleet) => fleet.mode)) {
    if (!memory.some(({ process }) => process.startsWith(mode))) faults.push(`${mode}: no process lived long enough`);
  }
  if (harm.size === 0) faults.push("no harm was done");
  return faults;
}

/** The course as a fault, if it is one. */
export function leak({ process, what, steadyRiseMegabytes, riseLimitMegabytes }: Course): readonly string[] {
  return steadyRiseMegabytes > riseLimitMegabytes
    ? [`${process}: ${what} went on rising, by ${steadyRiseMegabytes.toFixed(1)} MB, more than ${riseLimitMegabytes}`]
    : [];
}

/** For people, a line each. */
export function summaryOf({ fleets, memory, harm }: SoakEnd): readonly string[] {
  return [
    "harm done:",
    ...Array.from(harm, ([what, times]) => `  ${String(times).padStart(5)}  ${what}`).toSorted(),
    ...fleets.flatMap(({ mode, nodes, givenBack }) => [
      `${mode}: ${nodes.reduce((sum, { booted }) => sum + booted, 0)} reboots, ${givenBack} drains given back`,
      ...nodes.map(
        ({ node, required, commanded, booted }) =>
          `  ${node}: required ${required}, commanded ${commanded}, booted ${booted}`,
      ),
    ]),
    "memory after the warm-up, by the line that fits best:",
    ...memory.map((course) => `  ${courseLine(course)}`),
  ];
}

/** One process in a line. */
export function courseLine(course: Course): string {
  const { process, what, minutes, firstMegabytes, lastMegabytes, megabytesPerMinute, steadyRiseMegabytes } = course;
  return (
    `${process}, ${what}: ${firstMegabytes.toFixed(1)} MB, then ${lastMegabytes.toFixed(1)} after ${minutes.toFixed(1)} min;` +
    ` ${megabytesPerMinute.toFixed(2)} MB/min, steadily ${steadyRiseMegabytes.toFixed(1)} MB, ${course.riseLimitMegabytes} allowed`
  );
}

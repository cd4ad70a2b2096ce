import type { TestContext } from "node:test";
import type { HoldPoint } from "../../controlplane/proxy/holds.ts";
import { crashAt, findCrashPoints, type CrashOptions, type CrashPoint } from "./crash.ts";
import { roles } from "./roll-out.ts";

/** A crash point and the side of the API server on which the write is when the daemon dies. */
export interface Crash {
  readonly point: CrashPoint;
  /** Of the point among those of its daemon, from 1. */
  readonly place: number;
  readonly at: HoldPoint;
}

/** How many roll-outs run side by side. */
export const sitesAtOnce = 6;

/** Every write of a whole reboot, of each daemon, on both sides; prints how many there are. */
export async function findCrashes(options: CrashOptions): Promise<readonly Crash[]> {
  const found = await Promise.all(roles.map((role) => findCrashPoints(role, options)));
  for (const [index, points] of found.entries()) console.log(`${roles[index]}: ${points.length} writes in a reboot`);
  return found.flatMap((points) =>
    points.flatMap((point, index): readonly Crash[] => [
      { point, place: index + 1, at: "before" },
      { point, place: index + 1, at: "after" },
    ]),
  );
}

/** One subtest for each crash, so many at a time as the test `t` allows. */
export async function testCrashes(t: TestContext, crashes: readonly Crash[], options: CrashOptions): Promise<void> {
  await Promise.all(
    crashes.map((crash) =>
      t.test(`${title(crash)}: both nodes get one reboot each, one after the other`, async (tc) => {
        const { point, at } = crash;
        const what = await crashAt(point, { ...options, at, name: `${point.role}-${point.write}-${at}` });
        if (what !== point.what) tc.diagnostic(`this run had no such verdict; killed at ${what} instead`);
      }),
    ),
  );
}

function title({ point: { role, write, what }, at }: Crash): string {
  return `${role} killed ${at === "before" ? "before" : "after the server did"} write ${write} (${what})`;
}

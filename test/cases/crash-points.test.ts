import { after, before, test } from "node:test";
import type { Cluster } from "../controlplane/cluster.ts";
import { findCrashes, sitesAtOnce, testCrashes, type Crash } from "./crash/suite.ts";
import { startSuiteCluster } from "./site.ts";

const ending = new AbortController();
const { signal } = ending;
let cluster: Cluster;

before(async () => {
  cluster = await startSuiteCluster(signal);
});
after(async () => {
  await cluster?.stop();
  ending.abort(new Error("The suite is over"));
});

test(
  "every second write of a reboot, before or after the API server has acted on it",
  { concurrency: sitesAtOnce },
  async (t) => {
    const crashes = await findCrashes({ cluster, signal });
    await testCrashes(t, crashes.filter(isInQuickRun), { cluster, signal });
  },
);

/** Each daemon's first write before, third after, fifth before …; test/full has all. The commit is never left out. */
function isInQuickRun({ place, at, point }: Crash): boolean {
  if (point.what.endsWith(": commit") && at === "after") return true;
  return place % 4 === (at === "before" ? 1 : 3);
}

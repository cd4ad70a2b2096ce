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
  "some writes of a reboot, before or after the API server has acted on them",
  { concurrency: sitesAtOnce },
  async (t) => {
    const crashes = await findCrashes({ cluster, signal });
    await testCrashes(t, crashes.filter(isInQuickRun), { cluster, signal });
  },
);

/** Each daemon's first write before, fifth after, ninth before …; test/full has all. The commit is never left out. */
function isInQuickRun({ place, at, point }: Crash): boolean {
  if (point.what.endsWith(": commit") && at === "after") return true;
  return place % 8 === (at === "before" ? 1 : 5);
}

import { after, before, test } from "node:test";
import { findCrashes, sitesAtOnce, testCrashes } from "../cases/crash/suite.ts";
import { startSuiteCluster } from "../cases/site.ts";
import type { Cluster } from "../controlplane/cluster.ts";

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
  "every write of a whole reboot, of each daemon, on both sides of the API server",
  { concurrency: sitesAtOnce },
  async (t) => {
    const crashes = await findCrashes({ cluster, signal });
    await testCrashes(t, crashes, { cluster, signal });
  },
);

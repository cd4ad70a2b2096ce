import { test } from "node:test";
import { findCrashes, sitesAtOnce, testCrashes, type Crash } from "./crash/suite.ts";
import { rows } from "./selection.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";

const { cluster, signal } = await suiteCluster();

test(
  "writes of a whole reboot, of each daemon, before and after the API server has acted on them",
  { concurrency: sitesAtOnce },
  async (t) => {
    const crashes = await findCrashes({ cluster, signal });
    await testCrashes(t, rows({ all: crashes, few: crashes.filter(isInQuickRun) }), { cluster, signal });
  },
);

/** Each daemon's first write before, its thirteenth after, and the commit. */
function isInQuickRun({ place, at, point }: Crash): boolean {
  if (point.what.endsWith(": commit") && at === "after") return true;
  return place === (at === "before" ? 1 : 13);
}

import { test } from "node:test";
import { sitesAtOnce } from "./crash/suite.ts";
import { frozenLeader, slowLeader, twoLeaders, type Thaw } from "./crash/two-leaders.ts";
import { rows } from "./selection.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";

const { cluster, signal } = await suiteCluster();

const frozenAt = rows<readonly [string, Thaw]>({
  all: [
    ["PUT DaemonSet: lock of n1", "early"],
    ["PUT DaemonSet: lock of n1", "late"],
    ["PATCH node n1: record draining, cordon", "early"],
    ["PATCH node n1: record draining, cordon", "late"],
    ["POST eviction", "early"],
    ["POST eviction", "late"],
    ["PATCH node n1: record approved", "early"],
    ["PATCH node n1: record approved", "late"],
    ["PATCH node n1: record rebooting", "early"],
    ["PATCH node n1: record closing, uncordon", "early"],
    ["PUT DaemonSet: lock given back", "early"],
    ["PUT DaemonSet: lock given back", "late"],
  ],
  few: [
    ["PUT DaemonSet: lock of n1", "late"],
    ["POST eviction", "early"],
  ],
});

const slowFrom = rows({
  all: ["PUT DaemonSet: lock of n1", "PATCH node n1: record approved"],
  few: ["PATCH node n1: record approved"],
});

test("two coordinators that believe that they lead", { concurrency: sitesAtOnce }, async (t) => {
  const options = (name: string) => ({ cluster, signal, name });
  await Promise.all([
    ...frozenAt.map(([what, thaw], index) =>
      t.test(
        `a leader frozen before ${what} for longer than its Lease does no harm when its write comes ${
          thaw === "early" ? "as soon as another one leads" : "after the other one has rebooted the first node"
        }`,
        () => frozenLeader({ ...options(`frozen-${index + 1}`), what, thaw }),
      ),
    ),
    ...slowFrom.map((what, index) =>
      t.test(`a leader whose every write comes six seconds late from ${what} on does no harm`, () =>
        slowLeader({ ...options(`slow-${index + 1}`), what }),
      ),
    ),
    ...rows({ all: [1, 2], few: [1] }).map((number) =>
      t.test(`two that lead side by side all the time do no harm (${number})`, () =>
        twoLeaders(options(`both-${number}`)),
      ),
    ),
  ]);
});

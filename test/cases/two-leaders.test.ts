import { after, before, test } from "node:test";
import type { Cluster } from "../controlplane/cluster.ts";
import { sitesAtOnce } from "./crash/suite.ts";
import { frozenLeader, slowLeader, twoLeaders, type Thaw } from "./crash/two-leaders.ts";
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

/** A selection; test/full has a frozen leader at every kind of write, thawed early and late. */
const frozenAt: readonly (readonly [string, Thaw])[] = [
  ["PUT DaemonSet: lock of n1", "late"],
  ["POST eviction", "early"],
  ["PATCH node n1: record approved", "late"],
];

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
    ...["PATCH node n1: record approved"].map((what, index) =>
      t.test(`a leader whose every write comes six seconds late from ${what} on does no harm`, () =>
        slowLeader({ ...options(`slow-${index + 1}`), what }),
      ),
    ),
    ...[1].map((number) =>
      t.test(`two that lead side by side all the time do no harm (${number})`, () =>
        twoLeaders(options(`both-${number}`)),
      ),
    ),
  ]);
});

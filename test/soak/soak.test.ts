import assert from "node:assert/strict";
import { test } from "node:test";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { soak } from "./soak.ts";
import { faultsOf, summaryOf } from "./summary.ts";

const { cluster, signal } = await suiteCluster();

test("a minute of kills, freezes, outages and broken answers leaves nothing behind and doubles no reboot", async (context) => {
  const seed = Date.now() % 1_000_000;
  const tell = (line: string): void => context.diagnostic(line);
  const end = await soak({ cluster, modes: ["classic", "coordinated"], minutes: 1, seed, signal, tell });
  for (const line of summaryOf(end)) tell(line);
  assert.deepEqual(faultsOf(end), [], `npm run soak -- --minutes 1 --seed ${seed}`);
});

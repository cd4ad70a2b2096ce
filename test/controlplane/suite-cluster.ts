import { after } from "node:test";
import { startCluster, type Cluster } from "./cluster.ts";

/** One control plane for the tests of one file, which end with it; `signal` then aborts what they left behind. */
export async function suiteCluster(): Promise<{ readonly cluster: Cluster; readonly signal: AbortSignal }> {
  const ending = new AbortController();
  const { signal } = ending;
  const cluster = await startCluster({ signal, log: (line) => console.log(line) });
  after(async () => {
    await cluster.stop();
    ending.abort(new Error("The suite is over"));
  });
  return { cluster, signal };
}

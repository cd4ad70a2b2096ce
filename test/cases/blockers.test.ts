import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { pod } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, waitFor } from "../controlplane/waits.ts";
import { assertNoReboot, assertOneReboot, modes, onOneNode, untilOver, untilVerdict, type Mode } from "./one-node.ts";
import { rows } from "./selection.ts";

const { cluster, signal } = await suiteCluster();

suite("Blockers keep a node up for as long as they say no", { concurrency: true }, () => {
  // A coordinator asks twice a minute, so its case takes longer than all of `npm test` has for one.
  for (const mode of rows<Mode>({ all: modes, few: ["classic"] })) {
    test(`${mode}: an alert and then a pod keep the node up; when both are gone it is rebooted`, async () => {
      const prometheus = await startPrometheus();
      const flags = [
        `--prometheus-url=${prometheus.url}`,
        "--alert-filter-regexp=^(?i)watchdog$",
        "--blocking-pod-selector=app=batch,cost=high",
      ];
      try {
        await onOneNode(
          { cluster, mode, name: "blockers", flags, signal },
          {
            work: async (one) => {
              const { site, node, host, decider } = one;
              const batch = { name: "batch-1", namespace: site.name, node, labels: { app: "batch", cost: "high" } };
              const ended = { ...batch, name: "harmless", labels: { app: "batch", cost: "low" } };
              await createAll(cluster.admin, [pod(batch), pod(ended)]);
              prometheus.firing = ["Watchdog", "NodeDown"];
              await host.requireReboot();

              assert.match(
                await untilVerdict(one, "BlockedByAlert"),
                /Reboot blocked: 1 active alerts: \[NodeDown\]\./,
              );
              await decider.waitForLine(/Reboot blocked: 1 active alerts: \[NodeDown\]/);
              await decider.waitForLine(/Reboot blocked: matching pods: \[batch-1\]/);
              if (mode === "classic") {
                // A coordinator asks twice a minute, which is told here by the opening alone.
                prometheus.firing = undefined;
                assert.match(await untilVerdict(one, "GateUnknown"), /server error: 503/);
                await decider.waitForLine(/Reboot blocked: prometheus query error: server_error: server error: 503/);
              }
              assert.equal((await one.readNode()).spec?.unschedulable, undefined);
              assert.equal(await site.readLock(), undefined);
              await assertNoReboot(one);

              prometheus.firing = ["Watchdog"];
              await cluster.admin.delete({ kind: "Pod", metadata: { name: "batch-1", namespace: site.name } });
              await waitFor(`${node} to be rebooted`, () => Promise.resolve(host.boots() === 2), {
                signal,
                timeoutMs: 120_000,
              });
              await untilOver(one);
              await assertOneReboot(one);
            },
          },
        );
      } finally {
        await prometheus.stop();
      }
    });
  }
});

interface Prometheus {
  readonly url: string;
  /** Names of the alerts; `undefined` is out of order. */
  firing: readonly string[] | undefined;
  stop(): Promise<void>;
}

/** As much of Prometheus as a question for its alerts meets. */
async function startPrometheus(): Promise<Prometheus> {
  const server: Server = createServer((_, response) => {
    const result = prometheus.firing?.map((alertname) => {
      return { metric: { __name__: "ALERTS", alertname, alertstate: "firing" }, value: [1, "1"] };
    });
    response.writeHead(result === undefined ? 503 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const prometheus: Prometheus = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    firing: [],
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return prometheus;
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertOneReboot, modes, onOneNode, untilOver } from "../cases/one-node.ts";
import { startReceiver } from "../cases/receiver.ts";
import type { ProxiedRequest } from "../controlplane/proxy/requests.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";

const { cluster, signal } = await suiteCluster();

/** Of a whole reboot: intended, claimed, draining, the reboot due, approved, rebooting, returning, closing, gone. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe(
  "whoever is killed at whichever write of the record, people are told of everything, in order",
  {
    concurrency: 6,
  },
  () => {
    for (const mode of modes)
      for (const write of writes)
        for (const at of ["before", "after"] as const)
          test(`${mode}: killed ${at === "before" ? "before" : "after the server did"} write ${write}`, async () => {
            const receiver = await startReceiver();
            const flags = [`--notify-url=generic://127.0.0.1:${receiver.port}/?template=json&disabletls=yes`];
            const options = { cluster, mode, name: `notice-${write}-${at}`, flags, counts: isRecord, signal };
            try {
              await onOneNode(options, {
                work: async (one) => {
                  const { decider, deciderProxy, host, node } = one;
                  const reached = deciderProxy.holdWrite(write, at);
                  await host.requireReboot();
                  const held = await reached;
                  // With its machine it may have died already.
                  if (decider.pid() !== undefined) decider.kill("SIGKILL");
                  held.drop();
                  await untilOver(one);
                  await assertOneReboot(one);
                  const told = receiver.messages();
                  const wanted = [
                    `Draining node ${node}`,
                    `Rebooting node ${node}`,
                    `Node ${node} rebooted & uncordoned successfully!`,
                  ];
                  assert.deepEqual([...new Set(told)], wanted, `told: ${told.join("; ")}`);
                },
              });
            } finally {
              await receiver.stop();
            }
          });
  },
);

function isRecord({ method, path, body }: ProxiedRequest): boolean {
  return method === "PATCH" && path.startsWith("/api/v1/nodes/") && body.includes('"kured.dev/maintenance"');
}

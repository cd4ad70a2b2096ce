import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { countsAsWrite } from "../../controlplane/proxy/requests.ts";
import { assertRolledOut } from "./outcome.ts";
import { rollOut, type Role, type RollOutOptions } from "./roll-out.ts";
import { describeWrite } from "./writes.ts";

/** Longer than an agent waits before it believes that no shutdown is pending. */
const shutdownMs = 14_000;

/**
 * The daemon ends by `end` and comes back while the machine that it has rebooted takes its time to go down: it must
 * neither command a second reboot nor call the first one failed. `assertRolledOut` counts and reads both.
 */
export async function endDuringShutdown({
  end,
  role,
  ...options
}: Pick<RollOutOptions, "cluster" | "name" | "signal"> & {
  readonly role: Exclude<Role, "coordinator">;
  readonly end: "SIGKILL" | "SIGTERM";
}): Promise<void> {
  const what = "PATCH node n1: report required, command accepted";
  await rollOut(
    { ...options, role, counts: (request) => countsAsWrite(request) && describeWrite(request) === what },
    {
      harm: async ({ site, proxy, daemon }) => {
        const [first = ""] = site.nodes;
        const host = site.host(first);
        await host.setRebootBehaviour({ kind: "boots", shutdownMs });
        const held = await proxy.holdWrite(1, "before");
        (await daemon).kill(end);
        held.drop();
        await sleep(shutdownMs - 2_000, undefined, { signal: options.signal });
        assert.equal(host.boots(), 1, "the machine is still going down");
        assert.equal((await daemon).runs(), 2, "and the daemon has come back on it");
      },
      check: ({ site }, moments) => assertRolledOut(site, { role, moments }),
    },
  );
}

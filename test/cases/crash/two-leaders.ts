import assert from "node:assert/strict";
import { waitFor } from "../../controlplane/waits.ts";
import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";
import { countsAsWrite } from "../../controlplane/proxy/requests.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { startCoordinator, type Site } from "../site.ts";
import { untilDone } from "../until.ts";
import { assertRolledOut } from "./outcome.ts";
import { rollOut, siteProxy, type RollOutOptions, type Victim } from "./roll-out.ts";
import { describeWrite } from "./writes.ts";

type Options = Pick<RollOutOptions, "cluster" | "name" | "signal">;

/** As short as it may be without being lost to a busy machine. */
const shortLease = ["--lease-duration=4s"];

/** When the write of a coordinator that was frozen comes to the API server. */
export type Thaw =
  /** As soon as another one leads. */
  | "early"
  /** When the other one has rebooted the first node and goes on with the second. */
  | "late";

/** A coordinator is frozen with a write under way for longer than its Lease; another one takes over; it thaws. */
export async function frozenLeader({
  what,
  thaw,
  ...options
}: Options & { readonly what: string; readonly thaw: Thaw }): Promise<void> {
  await rollOut(
    {
      ...options,
      role: "coordinator",
      coordinatorArgs: shortLease,
      counts: (request) => countsAsWrite(request) && describeWrite(request) === what,
    },
    {
      harm: async ({ site, proxy, daemon }) => {
        const held = await proxy.holdWrite(1, "before");
        (await daemon).kill("SIGSTOP");
        await startCoordinator(site, { identity: second, args: shortLease, daemon: await ownProxy(site) });
        await untilLeads(site, second);
        if (thaw === "late") await untilDone(site, { node: site.nodes[0] ?? "" });
        held.release();
        const { signal } = options;
        await waitFor("the late write's answer", () => Promise.resolve(held.request.status), { signal });
        (await daemon).kill("SIGCONT");
        // What it was decided on has changed: the record, the lock, the pod.
        if (thaw === "late") assert.match(String(held.request.status), /^(404|409)$/, `the late ${what} was taken`);
      },
      check: assertDone,
    },
  );
}

/** From its n-th such write on, everything that a leader says to the API server comes late: its Lease runs out. */
export async function slowLeader({ what, ...options }: Options & { readonly what: string }): Promise<void> {
  await rollOut(
    { ...options, role: "coordinator", coordinatorArgs: shortLease },
    {
      harm: async ({ site, proxy }) => {
        const late: ProxiedRequest[] = [];
        const matches = (request: ProxiedRequest) => {
          const isFirst = countsAsWrite(request) && describeWrite(request) === what;
          if (request.method === "GET" || (late.length === 0 && !isFirst)) return false;
          late.push(request);
          return true;
        };
        proxy.plan({ matches, fault: { kind: "delay", delayMs: 6_000 }, times: Infinity });
        await untilLeads(site, first);
        await startCoordinator(site, { identity: second, args: shortLease, daemon: await ownProxy(site) });
        await untilLeads(site, second);
        await waitFor("a late answer", () => Promise.resolve(late[0]?.status), { signal: options.signal });
      },
      check: assertDone,
    },
  );
}

/** Two coordinators that both lead all the time, each by a Lease of its own: only the records and the lock are left. */
export async function twoLeaders(options: Options): Promise<void> {
  await rollOut(
    { ...options, role: "coordinator" },
    {
      harm: async ({ site }) => {
        await startCoordinator(site, {
          identity: second,
          args: ["--lease-name=another"],
          daemon: await ownProxy(site),
        });
      },
      check: assertDone,
    },
  );
}

const first = "coordinator-1";
const second = "coordinator-2";

async function ownProxy(site: Site): Promise<{ readonly port: number }> {
  return { port: (await siteProxy(site)).port };
}

async function assertDone({ site }: Victim, moments: Parameters<typeof assertRolledOut>[1]["moments"]): Promise<void> {
  await assertRolledOut(site, { role: "coordinator", moments });
}

/** Waits until this coordinator holds the Lease. */
async function untilLeads({ name, cluster: { admin }, signal }: Site, identity: string): Promise<void> {
  const lease = { kind: "Lease", metadata: { name: "kured", namespace: name } };
  await waitFor(
    `${identity} to lead`,
    async () => {
      const { spec } = await admin.get<KubeObject & { readonly spec: { readonly holderIdentity?: string } }>(lease);
      return spec.holderIdentity === identity;
    },
    { signal },
  );
}

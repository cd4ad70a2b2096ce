import assert from "node:assert/strict";
import type { Daemon } from "../../controlplane/daemon.ts";
import type { Proxy } from "../../controlplane/proxy.ts";
import { siteProxy, startAgent, startClassic, startCoordinator, type Site } from "../site.ts";
import { untilReported } from "../until.ts";
import { createProbe, type Probe } from "./probe.ts";

/** A daemon on a node. */
export interface Member {
  readonly daemon: Daemon;
  readonly probe: Probe;
  readonly node: string;
}

/** A classic daemon on every node, by way of a proxy if one is given. */
export async function startClassicFleet(
  site: Site,
  { port }: { readonly port?: number } = {},
): Promise<readonly Member[]> {
  return await Promise.all(
    site.nodes.map(async (node) => {
      const probe = await createProbe();
      const daemon = await startClassic(site, {
        node,
        args: ["--period=5s", probe.flag],
        ...(port !== undefined && { daemon: { port } }),
      });
      return { daemon, probe, node };
    }),
  );
}

/** A coordinator behind a proxy and an agent on every node; resolves when each has reported. */
export async function startCoordinated(
  site: Site,
  { agentPort }: { readonly agentPort?: number } = {},
): Promise<{ readonly coordinator: Omit<Member, "node">; readonly fleet: readonly Member[]; readonly proxy: Proxy }> {
  const proxy = await siteProxy(site);
  const probe = await createProbe();
  // Also what a closed budget holds back is begun, so that an outage catches it in mid-drain.
  const args = ["--lease-duration=3s", "--drain-feasibility=warn", probe.flag];
  const daemon = await startCoordinator(site, { args, daemon: { port: proxy.port } });
  const fleet = await Promise.all(
    site.nodes.map(async (node) => {
      const own = await createProbe();
      const agent = await startAgent(site, {
        node,
        args: ["--period=5s", own.flag],
        ...(agentPort !== undefined && { daemon: { port: agentPort } }),
      });
      return { daemon: agent, probe: own, node };
    }),
  );
  await untilReported(site, { need: "notRequired" });
  return { coordinator: { daemon, probe }, fleet, proxy };
}

/** A daemon starts once for every boot of its machine, and once more where it was killed. */
export function assertNoneExited(
  site: Site,
  { fleet, killed = [] }: { readonly fleet: readonly Member[]; readonly killed?: readonly (Daemon | undefined)[] },
): void {
  for (const { daemon, node } of fleet) {
    const expected = site.host(node).boots() + (killed.includes(daemon) ? 1 : 0);
    const said = daemon.lines().map(({ text }) => text);
    assert.equal(daemon.runs(), expected, `starts of the daemon on ${node}:\n${said.slice(-60).join("\n")}`);
  }
}

/**
 * Red for the kubelet, with a sentence, and of course not ready either. A drain that is held back asks for its budget
 * every 15 s, and what is not answered is missed for another 15 s first.
 */
export async function untilRed({ signal }: Site, probe: Probe): Promise<string> {
  const text = await probe.until("/healthz", { status: 503, signal, timeoutMs: 40_000 });
  assert.equal((await probe.ask("/readyz")).status, 503);
  return text;
}

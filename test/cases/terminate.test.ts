import assert from "node:assert/strict";
import { test } from "node:test";
import type { Daemon } from "../controlplane/daemon.ts";
import type { HoldPoint } from "../controlplane/proxy/holds.ts";
import { countsAsWrite } from "../controlplane/proxy/requests.ts";
import type { KubeObject } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { assertRolledOut } from "./crash/outcome.ts";
import { rollOut, type Role, type Victim } from "./crash/roll-out.ts";
import { endDuringShutdown } from "./crash/slow-shutdown.ts";
import { sitesAtOnce } from "./crash/suite.ts";
import { describeWrite } from "./crash/writes.ts";
import { rows } from "./selection.ts";
import { type Site } from "./site.ts";

const { cluster, signal } = await suiteCluster();

/** Where the daemon is asked to end: with this write of its own under way. */
interface Moment {
  readonly role: Role;
  readonly at: HoldPoint;
  readonly what: string;
}

const moments: readonly Moment[] = rows({
  all: [
    { role: "agent", at: "before", what: "PATCH node n1: report required" },
    { role: "agent", at: "before", what: "PATCH node n1: commit" },
    { role: "agent", at: "after", what: "PATCH node n1: commit" },
    { role: "coordinator", at: "after", what: "PUT DaemonSet: lock of n1" },
    { role: "coordinator", at: "before", what: "PATCH node n1: record draining, cordon" },
    { role: "coordinator", at: "after", what: "POST eviction" },
    { role: "coordinator", at: "after", what: "PATCH node n1: record approved" },
    { role: "classic", at: "before", what: "PUT DaemonSet: lock of n1" },
    { role: "classic", at: "after", what: "PATCH node n1: record draining, cordon" },
    { role: "classic", at: "before", what: "PATCH node n1: record closing, uncordon" },
  ],
  few: [
    { role: "agent", at: "after", what: "PATCH node n1: commit" },
    { role: "classic", at: "after", what: "PATCH node n1: record draining, cordon" },
  ],
});

interface EndInShutdown {
  readonly role: "agent" | "classic";
  readonly end: "SIGKILL" | "SIGTERM";
}

const endsInShutdown = rows<EndInShutdown>({
  all: [
    { role: "agent", end: "SIGKILL" },
    { role: "agent", end: "SIGTERM" },
    { role: "classic", end: "SIGKILL" },
    { role: "classic", end: "SIGTERM" },
  ],
  few: [{ role: "classic", end: "SIGKILL" }],
});

test(
  "a daemon that is asked to end, and one that ends while its machine goes down",
  { concurrency: sitesAtOnce },
  async (t) => {
    await Promise.all([
      ...endsInShutdown.map(({ role, end }) =>
        t.test(`${role}, ended by ${end} in a slow shutdown, comes back and commands no second reboot`, () =>
          endDuringShutdown({ cluster, signal, role, end, name: `slow-${role}-${end.toLowerCase()}` }),
        ),
      ),
      ...moments.map((moment, index) => {
        const { role, at, what } = moment;
        const when = at === "before" ? "before" : "after the server did";
        return t.test(
          `${role}, asked to end ${when} ${what}, does so in five seconds and its next start carries on`,
          () => terminate(moment, `term-${index + 1}`),
        );
      }),
    ]);
  },
);

async function terminate({ role, at, what }: Moment, name: string): Promise<void> {
  await rollOut(
    {
      cluster,
      signal,
      role,
      name,
      counts: (request) => countsAsWrite(request) && describeWrite(request) === what,
      restartAfterMs: byHandMs,
    },
    {
      harm: async (victim) => {
        const held = await victim.proxy.holdWrite(1, at);
        const daemon = await victim.daemon;
        await endsByItself(daemon);
        held.drop();
        if (role === "coordinator") await assertLeaseReleased(victim);
        await daemon.start();
      },
      check: ({ site }, observed) => assertRolledOut(site, { role, moments: observed }),
    },
  );
}

/** Longer than any of these tests. */
const byHandMs = 600_000;

async function endsByItself(daemon: Daemon): Promise<void> {
  const askedAtMs = Date.now();
  const ended = daemon.exited();
  daemon.kill("SIGTERM");
  const { code, signal: by } = await ended;
  assert.equal(code, 0, `it ended by ${by ?? "its own"} with code ${code}`);
  const tookMs = Date.now() - askedAtMs;
  assert.ok(tookMs < 5_000, `it took ${tookMs} ms to end`);
}

/** Nobody need wait for it to run out. */
async function assertLeaseReleased({ site }: Victim): Promise<void> {
  assert.equal(await leaseHolder(site), "");
}

async function leaseHolder({ name, cluster: { admin } }: Site): Promise<string | undefined> {
  const lease = { kind: "Lease", metadata: { name: "kured", namespace: name } };
  const { spec } = await admin.get<KubeObject & { readonly spec: { readonly holderIdentity?: string } }>(lease);
  return spec.holderIdentity ?? "";
}

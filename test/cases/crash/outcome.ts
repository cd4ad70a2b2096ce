import assert from "node:assert/strict";
import type { Moment } from "../observe.ts";
import { assertOneAtATime, bootsInOrder } from "../promises.ts";
import type { Site } from "../site.ts";
import { eventsOf } from "../told.ts";
import type { Role } from "./roll-out.ts";

/** What must hold after a roll-out, and at every instant of it, whatever was killed meanwhile. */
export async function assertRolledOut(
  site: Site,
  { role, moments }: { readonly role: Role; readonly moments: readonly Moment[] },
): Promise<void> {
  assertOneAtATime(moments, { drainedApp: "web" });
  assert.deepEqual(bootsInOrder(moments).toSorted(), site.nodes, "each node has booted once, by what it says itself");
  for (const node of site.nodes) {
    assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
    assert.equal(site.host(node).boots(), 2, `boots of ${node}, counting the first`);
  }
  assertNothingIsLeft(moments);
  assertNoOutcomeWithoutBoot(site, moments);
  if (role !== "classic") for (const node of site.nodes) await assertEvents(site, node);
  assert.equal(await site.readLock(), undefined);
}

function assertNothingIsLeft(moments: readonly Moment[]): void {
  for (const [node, { cordoned, phase, ready }] of moments.at(-1)?.nodes ?? []) {
    assert.deepEqual({ cordoned, phase, ready }, { cordoned: false, phase: undefined, ready: true }, node);
  }
}

/** Neither record nor verdict says that a reboot is done before the machine has booted. */
function assertNoOutcomeWithoutBoot({ nodes }: Site, moments: readonly Moment[]): void {
  for (const node of nodes) {
    const states = moments.flatMap((moment) => moment.nodes.get(node) ?? []);
    const firstBoot = states[0]?.bootId;
    const told = states.filter(({ verdict, outcome }) => verdict === "Done" || outcome === "done");
    const early = told.filter(({ bootId }) => bootId === firstBoot);
    assert.deepEqual(early, [], `${node} was called done before it had booted`);
    assert.ok(told.length > 0, `${node} was never called done`);
    const failures = states.flatMap(({ verdict }) => (worries.has(verdict ?? "") ? [verdict] : []));
    assert.deepEqual(failures, [], `what was said of ${node}, whose reboot did not fail`);
  }
}

/** Verdicts that would call a person. */
const worries: ReadonlySet<string> = new Set([
  "Failed",
  "RebootOverdue",
  "StillRequired",
  "RollOutStopped",
  "LockLost",
]);

async function assertEvents(site: Site, node: string): Promise<void> {
  const reasons = (await eventsOf(site, node)).map(({ reason }) => reason);
  assert.equal(reasons.filter((reason) => reason === "Done").length, 1, `${node}: ${reasons.join()}`);
  assert.deepEqual(
    reasons.filter((reason) => worries.has(reason)),
    [],
    node,
  );
}

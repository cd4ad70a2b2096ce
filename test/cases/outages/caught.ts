import assert from "node:assert/strict";
import { observe, type Moment, type Observation } from "../observe.ts";
import { assertOneAtATime } from "../promises.ts";
import { onSite, type Site, type SiteOptions } from "../site.ts";
import type { SharedOutage } from "./outage.ts";

/** What a case can do about its outage. */
export interface Caught {
  /** Meets it and resolves when it is over; what must never be is looked for before and after. */
  meet(options?: { readonly meanwhile?: () => Promise<void> }): Promise<void>;
}

/** A case that is caught by the outage; at its end each node was rebooted exactly once and nothing is left. */
export async function caught(
  { outage, ...options }: SiteOptions & { readonly outage: SharedOutage },
  work: (site: Site, caught: Caught) => Promise<void>,
): Promise<void> {
  let met = false;
  try {
    await onSite(options, async (site) => {
      const first = await observe(site);
      let second: Observation | undefined;
      const meet: Caught["meet"] = async ({ meanwhile = () => Promise.resolve() } = {}) => {
        first.stop();
        met = true;
        await outage.begun();
        await Promise.all([meanwhile(), outage.over()]);
        second = await observe(site);
      };
      await work(site, { meet });
      second?.stop();
      assertOneAtATime(first.moments(), {});
      assertOneAtATime(wholeViews(site, second?.moments() ?? []), {});
      await assertOnce(site);
    });
  } finally {
    if (!met) outage.without();
  }
}

async function assertOnce(site: Site): Promise<void> {
  for (const node of site.nodes) {
    assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
    assert.equal(site.host(node).boots(), 2, `boots of ${node}`);
  }
  assert.equal(await site.readLock(), undefined);
}

/** The moments from the one on in which every object of the site has been told of. */
function wholeViews(site: Site, moments: readonly Moment[]): readonly Moment[] {
  const told = new Set<string>();
  const wanted = [...site.nodes.map((node) => `Node ${node}`), `DaemonSet ${site.name}`];
  const first = moments.findIndex(({ changed }) => {
    told.add(changed);
    return wanted.every((what) => told.has(what));
  });
  assert.notEqual(first, -1, "the second observation saw the whole site");
  return moments.slice(first);
}

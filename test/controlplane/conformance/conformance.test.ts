import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startCluster, type Cluster } from "../cluster.ts";
import { createAll, waitFor } from "../waits.ts";
import { policies, policyLabel } from "./admission.ts";
import { cases, lastCases } from "./cases.ts";
import { lacking } from "./cases/lacking.ts";
import { waiting } from "./cases/watching.ts";
import { differences } from "./compare.ts";
import { leeway } from "./leeway.ts";
import { search } from "./random/search.ts";
import { post, type Case, type Step } from "./step.ts";
import { realServer, simulatedByHttps, simulatedInProcess, type Subject } from "./subject.ts";

// The simulator's API server is honest: to the same requests it gives the same answers as the real one.

/** `npm run test:full` looks for differences where nobody has looked yet; `npm test` where there are none. */
const everyRow = process.env["KURED_ROWS"] === "all";

interface Stage {
  readonly cluster: Cluster;
  readonly real: Subject;
  readonly overHttps: Subject;
  readonly inProcess: Subject;
  /** How the case went that takes long, where it is played. */
  readonly waited: Promise<readonly string[]> | undefined;
}

const ending = new AbortController();
const { signal } = ending;
const allowed = leeway();
let started: Stage | undefined;

before(async () => {
  const cluster = await startCluster({ signal, features: { apiServerAlone: true } });
  const real = realServer(cluster);
  const overHttps = await simulatedByHttps();
  started = { cluster, real, overHttps, inProcess: simulatedInProcess(), waited: undefined };
  await createAll(cluster.admin, policies());
  if (everyRow) {
    const waited = played(waiting, { namespace: "waiting" });
    waited.catch(() => undefined);
    started = { ...started, waited };
  }
  const body = { metadata: { name: "refused", labels: { [policyLabel]: "Forbidden" } } };
  const refused = async (): Promise<boolean> =>
    (await cluster.admin.send("POST", "/api/v1/nodes?dryRun=All", { body })).status === 403;
  await waitFor("the policies to be in force", refused, { signal });
});

after(async () => {
  await started?.overHttps.stop();
  await started?.cluster.stop();
  ending.abort(new Error("The suite is over"));
});

for (const [index, one] of cases.entries()) {
  test(`the simulator answers as the real server does: ${one.name}`, async () => {
    assertNone(await played(one, { namespace: `case-${index}` }));
  });
}

for (const [index, one] of lacking.entries()) {
  test(`the simulator still does without: ${one.name}`, async () => {
    const found = await played(one, { namespace: `lack-${index}`, leeway: leeway() });
    assert.notEqual(found.length, 0, "The servers no longer differ: make it a case among the others");
  });
}

test("the simulator answers random sequences of requests as the real server does", async (t) => {
  const { real, inProcess } = stage();
  let run = 0;
  const { requests, found } = await search({
    ...(everyRow ? { seed: Date.now(), sequences: 400, length: 60 } : { seed: 1, sequences: 14, length: 40 }),
    play: (steps) => {
      run += 1;
      const options = { real, simulated: inProcess, leeway: leeway(), namespace: `run-${run}`, signal };
      return differences([...furnish, ...steps], options);
    },
  });
  assert.ok(found === undefined, found ?? "");
  t.diagnostic(`${requests} requests`);
});

// On a busy machine the real server itself misses the moment for a bookmark.
if (everyRow)
  test(`the simulator answers as the real server does: ${waiting.name}`, async () => {
    const { waited } = stage();
    assert.ok(waited);
    assertNone(await waited);
  });

for (const [index, one] of lastCases.entries()) {
  test(`the simulator answers as the real server does: ${one.name}`, async () => {
    assertNone(await played(one, { namespace: `last-${index}` }));
  });
}

test("nothing is overlooked between the two servers that is no longer different", () => {
  assert.deepEqual(allowed.idle(), []);
});

/** What a pod needs before it can be. */
const furnish: readonly Step[] = [
  post("/api/v1/namespaces", { metadata: { name: "$(ns)" } }),
  post("/api/v1/namespaces/$(ns)/serviceaccounts", { metadata: { name: "default" } }, { as: "account" }),
];

function played(
  { steps }: Case,
  options: { readonly namespace: string; readonly leeway?: typeof allowed },
): Promise<readonly string[]> {
  const { real, overHttps } = stage();
  return differences([...furnish, ...steps], { real, simulated: overHttps, leeway: allowed, signal, ...options });
}

function stage(): Stage {
  assert.ok(started);
  return started;
}

function assertNone(found: readonly string[]): void {
  assert.equal(found.length, 0, found.join("\n"));
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FAKE_NODE_ANNOTATION } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { setNodeReady, waitFor } from "../controlplane/waits.ts";
import {
  assertNoReboot,
  assertOneReboot,
  blockDrain,
  onOneNode,
  openBudget,
  setCordon,
  untilDrainStands,
  untilOver,
  untilVerdict,
  type Mode,
  type OneNode,
} from "./one-node.ts";
import { observe } from "./observe.ts";
import { assertOneAtATime, bootsInOrder } from "./promises.ts";
import { inEachMode, rows } from "./selection.ts";
import { onSite, startClassic, type Site } from "./site.ts";
import { verdictOf } from "./told.ts";
import { untilRolledOut } from "./until.ts";

const lock = "weave.works/kured-node-lock";
const minuteNs = 60_000_000_000;

const { cluster, signal } = await suiteCluster();

interface LockedOptions {
  readonly mode: Mode;
  readonly name: string;
  /** What stands in the annotation before kured starts, given the nodes on which it does not run. */
  readonly text: (others: readonly string[]) => string;
  readonly concurrency?: number;
  readonly others?: number;
  readonly flags?: readonly string[];
  readonly prepare?: (site: Site, others: readonly string[]) => Promise<void>;
}

/** A node that wants a reboot, with the lock set by another hand; `work` is given that text. */
async function locked(options: LockedOptions, work: (one: OneNode, text: string) => Promise<void>): Promise<void> {
  const { mode, name, concurrency = 1, others = 1, flags = [] } = options;
  const limit = mode === "classic" ? `--concurrency=${concurrency}` : `--max-unavailable=${concurrency}`;
  let text = "";
  await onOneNode(
    { cluster, mode, name, signal, others, flags: [limit, ...flags] },
    {
      prepare: async (site, node) => {
        const rest = site.nodes.filter((other) => other !== node);
        text = options.text(rest);
        await options.prepare?.(site, rest);
        await site.annotateDaemonSet({ [lock]: text });
        await site.host(node).requireReboot();
      },
      work: (one) => work(one, text),
    },
  );
}

/** Waits for the verdict that names the lock, and goes on waiting until its words are these. */
async function untilLockedBy(one: Pick<OneNode, "site" | "node">, words: string): Promise<void> {
  const found = async () => (await untilVerdict(one, "LockedBy")).includes(words);
  await waitFor(`${one.node} to be told ${words}`, found, { signal, timeoutMs: 25_000 });
}

/** Nothing happens for a while: the annotation has every byte that it had, and the node is as it was. */
async function assertWaits(one: OneNode, text: string): Promise<void> {
  await sleep(3_000);
  assert.equal(await one.site.readLock(), text);
  assert.notEqual((await one.readNode()).spec?.unschedulable, true);
  assert.equal(await one.phase(), undefined);
  await assertNoReboot(one);
}

/** Waits, as it should, until `end` has happened; then the node is rebooted and the lock free. */
async function waitsUntil(one: OneNode, { text, words, end }: Waiting): Promise<void> {
  await untilLockedBy(one, words);
  await assertWaits(one, text);
  await end();
  await goesOn(one);
}

interface Waiting {
  readonly text: string;
  readonly words: string;
  readonly end: () => Promise<void>;
}

async function goesOn(one: OneNode): Promise<void> {
  await untilOver(one);
  await assertOneReboot(one);
  assert.notEqual((await one.readNode()).spec?.unschedulable, true);
}

/** An entry as Go's kured writes one. */
function entry({ node = "", agoMs = 0, ttlNs = 0, unschedulable = false }: EntryOptions): string {
  const created = `${new Date(Date.now() - agoMs).toISOString().slice(0, -1)}123456Z`;
  return `{"nodeID":"${node}","metadata":{"unschedulable":${unschedulable}},"created":"${created}","TTL":${ttlNs}}`;
}

interface EntryOptions {
  readonly node?: string | undefined;
  readonly agoMs?: number;
  readonly ttlNs?: number;
  readonly unschedulable?: boolean;
}

const isOverSince = { agoMs: 3_600_000, ttlNs: minuteNs };

/** The Node has been Ready for an hour from now on: kwok, which would say since when it is, lets go of it. */
async function settle(site: Site, node: string): Promise<void> {
  const { admin } = site.cluster;
  const ref = { kind: "Node", metadata: { name: node } };
  const lastTransitionTime = inSeconds(Date.now() - 3_600_000);
  const beat = async () => {
    const ready = { type: "Ready", status: "True", reason: "Test", message: "The test says so.", lastTransitionTime };
    const conditions = [{ ...ready, lastHeartbeatTime: inSeconds(Date.now()) }];
    await admin.patch(ref, { status: { conditions } }, { type: "strategic", subresource: "status" });
  };
  await admin.patch(ref, { metadata: { annotations: { [FAKE_NODE_ANNOTATION]: null } } });
  await beat();
  // A node that is not heard of for most of a minute is taken for dead.
  const beating = setInterval(() => void beat().catch(() => undefined), 5_000);
  site.atEnd(() => Promise.resolve(clearInterval(beating)));
}

/** As Kubernetes writes an instant. */
function inSeconds(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What stood in the lock annotation, asked every 50 ms until `stop`. */
function sampleLock(site: Site): { readonly samples: readonly Sample[]; readonly stop: () => Promise<void> } {
  const samples: Sample[] = [];
  let stopped = false;
  const sample = async () => {
    while (!stopped) {
      const text = await site.readLock();
      if (text !== undefined) samples.push({ atMs: Date.now(), text });
      await sleep(50);
    }
  };
  const sampling = sample();
  sampling.catch(() => undefined); // Told by `stop`.
  const stop = async () => {
    stopped = true;
    await sampling;
  };
  site.atEnd(stop);
  return { samples, stop };
}

interface Sample {
  readonly atMs: number;
  readonly text: string;
}

/** Wall time at which an entry written by Go's kured or ours is over. */
function endMs(text: string): number {
  const { created, TTL } = JSON.parse(text) as { readonly created: string; readonly TTL: number };
  return Date.parse(created) + TTL / 1_000_000;
}

/** A node that another kured has left in mid-work: in the lock, cordoned, and without a record. */
async function leftBehind({ name, mode, agoMs, unschedulable, wants, among }: LeftBehind, work: Work): Promise<void> {
  let text = "";
  const limit = mode === "classic" ? "--concurrency" : "--max-unavailable";
  await onOneNode(
    { cluster, mode, name, signal, others: 1, flags: [`${limit}=${among ? 2 : 1}`] },
    {
      prepare: async (site, node) => {
        const own = entry({ node, agoMs, unschedulable });
        text = entry({ node: site.nodes[1] });
        await site.annotateDaemonSet({ [lock]: among ? `{"maxOwners":2,"locks":[${text},${own}]}` : own });
        await setCordon({ site, node }, true);
        if (wants) await site.host(node).requireReboot();
      },
      work: (one) => work(one, text),
    },
  );
}

type Work = (one: OneNode, otherEntry: string) => Promise<void>;

interface LeftBehind {
  readonly name: string;
  readonly mode: Mode;
  readonly agoMs: number;
  readonly unschedulable: boolean;
  readonly wants: boolean;
  /** With the entry of another node beside it. */
  readonly among?: boolean;
}

async function assertCordoned(one: OneNode, cordoned: boolean): Promise<void> {
  assert.equal((await one.readNode()).spec?.unschedulable === true, cordoned, `${one.node} is cordoned`);
}

/** How often it was told that the machine had booted while it was in the lock. */
function bootsTold({ decider, node }: OneNode): number {
  return decider.lines().filter(({ text }) => text.includes(`Node ${node} has booted again`)).length;
}

const single =
  /^\{"nodeID":"[^"]+","metadata":\{"unschedulable":false\},"created":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z","TTL":\d+\}$/;

describe("the lock", { concurrency: 14 }, () => {
  for (const [text, concurrency] of [
    ['{"maxOwners":2,"locks":[]}', 1],
    ['{"maxOwners":3,"locks":[]}', 2],
  ] as const) {
    test(`nobody is in ${text}: free with --concurrency=${concurrency}`, () =>
      locked({ mode: "classic", name: `free${concurrency}`, text: () => text, concurrency, others: 0 }, goesOn));
  }

  for (const [name, mode, text] of rows<readonly [name: string, mode: Mode, text: string]>({
    all: [
      ["words", "classic", "hands off until Monday"],
      ["words", "coordinated", "hands off until Monday"],
      ["empty", "classic", ""],
      ["number", "classic", '{"nodeID":7}'],
    ],
    few: [["number", "coordinated", '{"nodeID":7}']],
  })) {
    test(`${mode}: ${JSON.stringify(text)} is a pause, told with its text and never overwritten`, () =>
      locked({ mode, name, text: () => text, others: 0 }, (one) =>
        waitsUntil(one, {
          text,
          words: `counts as a pause: ${JSON.stringify(text)}`,
          end: () => one.site.annotateDaemonSet({ [lock]: null }),
        }),
      ));
  }

  inEachMode((mode, row) => {
    for (const concurrency of [1, 2]) {
      row(`a lock set by hand stops everything until it is removed, also when ${concurrency} may go`, () =>
        locked(
          { mode, name: `manual${concurrency}`, text: () => '{"nodeID":"manual"}', concurrency, others: 0 },
          (one, text) =>
            waitsUntil(one, {
              text,
              words: '"manual" is no node, so somebody pauses the fleet by hand',
              end: () => one.site.annotateDaemonSet({ [lock]: null }),
            }),
        ),
      );
    }

    row("a lock that a live node holds without end is held, and a node that is deleted frees it", () =>
      locked({ mode, name: "holder", text: ([other]) => entry({ node: other }) }, (one, text) =>
        waitsUntil(one, {
          text,
          words: `"${one.others[0]}" holds it since 20`,
          end: () => one.site.cluster.admin.delete({ kind: "Node", metadata: { name: one.others[0] ?? "" } }),
        }),
      ),
    );

    row("a lock whose time is over is waited for while its node is cordoned, then dropped", () =>
      locked(
        {
          mode,
          name: "cordoned",
          text: ([other]) => entry({ node: other, ...isOverSince }),
          prepare: async (site, [other = ""]) => {
            await settle(site, other);
            await setCordon({ site, node: other }, true);
          },
        },
        (one, text) =>
          waitsUntil(one, {
            text,
            words: `the time of "${one.others[0]}" is over, but its node is cordoned`,
            end: () => setCordon({ site: one.site, node: one.others[0] ?? "" }, false),
          }),
      ),
    );
  });

  test("a lock whose time is over is waited for while its node is NotReady, then dropped", () =>
    locked(
      {
        mode: "classic",
        name: "notready",
        text: ([other]) => entry({ node: other, ...isOverSince }),
        prepare: (_site, [node = ""]) => setNodeReady(cluster.admin, { node, ready: false, signal }),
      },
      (one, text) =>
        waitsUntil(one, {
          text,
          words: `the time of "${one.others[0]}" is over, but its node is not Ready`,
          end: () => settle(one.site, one.others[0] ?? ""),
        }),
    ));

  test("a lock whose time is over is waited for until its node has been Ready for a while, then dropped", () =>
    locked(
      { mode: "classic", name: "settling", text: ([other]) => entry({ node: other, ...isOverSince }) },
      (one, text) =>
        waitsUntil(one, {
          text,
          words: `the time of "${one.others[0]}" is over, but its node is back for too short a time`,
          end: () => settle(one.site, one.others[0] ?? ""),
        }),
    ));

  test("a lock without a creation time that names a node is held by that node, as before kured 1.6", () =>
    locked({ mode: "classic", name: "old", text: ([other]) => `{"nodeID":"${other}"}` }, (one, text) =>
      waitsUntil(one, {
        text,
        words: `"${one.others[0]}" holds it since before kured 1.6, without end`,
        end: () => one.site.annotateDaemonSet({ [lock]: null }),
      }),
    ));

  const asOneOfThree = (own: string) => `{"maxOwners":3,"locks":[${own}]}`;
  const asOnlyOne = (own: string) => own;
  for (const [name, mode, concurrency, make] of rows<
    readonly [name: string, mode: Mode, concurrency: number, make: (own: string) => string]
  >({
    all: [
      ["multi", "classic", 1, asOneOfThree],
      ["single", "classic", 2, asOnlyOne],
      ["single", "coordinated", 2, asOnlyOne],
    ],
    few: [
      ["multi", "classic", 1, asOneOfThree],
      ["single", "coordinated", 2, asOnlyOne],
    ],
  })) {
    test(`${mode}: a node in the lock's other format is waited for with a limit of ${concurrency}, and its entry stays`, () =>
      locked(
        { mode, name: `other${name}`, concurrency, text: ([other]) => make(entry({ node: other })) },
        (one, text) =>
          waitsUntil(one, {
            text,
            words: `"${one.others[0]}" holds it since 20`,
            end: () => one.site.annotateDaemonSet({ [lock]: null }),
          }),
      ));
  }

  inEachMode((mode, row) => {
    row("our own time in the lock is renewed while we drain, and reaches beyond the reboot", () =>
      onOneNode(
        { cluster, mode, name: "ttl", signal, flags: ["--lock-ttl=6s"] },
        {
          prepare: blockDrain,
          work: async (one) => {
            const { site, node, host } = one;
            const { samples, stop } = sampleLock(site);
            await host.requireReboot();
            await untilDrainStands(one);
            await sleep(9_000); // Longer than the flag grants.
            await openBudget(site, node);
            await untilOver(one);
            await stop();
            await assertOneReboot(one);
            for (const { atMs, text } of samples) {
              assert.match(text, single);
              assert.ok(endMs(text) > atMs, `over at ${new Date(atMs).toISOString()}: ${text}`);
            }
            // It stays the same entry, so that what the record says of it remains true.
            assert.equal(new Set(samples.map(({ text }) => text.slice(0, text.indexOf(',"TTL"')))).size, 1);
            const rebootedAtMs = (await host.reboots())[0]?.atMs ?? NaN;
            const last = samples.findLast(({ atMs }) => atMs < rebootedAtMs);
            const deadlineMs = 10 * 60_000; // The default of --reboot-deadline.
            assert.ok(last !== undefined && endMs(last.text) > rebootedAtMs + deadlineMs, JSON.stringify(last));
          },
        },
      ),
    );
  });

  test("three classic nodes with --concurrency=2: never three in the lock, and two at once", () =>
    onSite({ cluster, name: "two", nodes: 3, signal }, async (site) => {
      for (const node of site.nodes) await blockDrain(site, node);
      const observation = await observe(site);
      const { samples, stop } = sampleLock(site);
      await Promise.all(site.nodes.map((node) => startClassic(site, { node, args: ["--concurrency=2"] })));
      for (const node of site.nodes) await site.host(node).requireReboot();
      const verdicts = () => Promise.all(site.nodes.map(async (node) => (await verdictOf(site, node))?.code ?? ""));
      const settled = async () => (await verdicts()).toSorted().join() === "DrainBlocked,DrainBlocked,LockedBy";
      await waitFor("two nodes to be drained and one to wait", settled, { signal });
      for (const node of site.nodes) await openBudget(site, node);
      await untilRolledOut(site);
      await stop();
      observation.stop();
      for (const { holders, nodes, changed } of observation.moments()) {
        assert.ok(holders.length <= 2, `${holders.join(" and ")} after ${changed}`);
        const cordoned = Array.from(nodes.values()).filter((node) => node.cordoned);
        assert.ok(cordoned.length <= 2, `${cordoned.length} nodes are cordoned after ${changed}`);
      }
      assert.ok(observation.moments().some(({ holders }) => holders.length === 2));
      assert.notEqual(samples.length, 0);
      for (const { text } of samples) {
        const [, entries = ""] = /^\{"maxOwners":2,"locks":\[(.*)\]\}$/.exec(text) ?? [];
        for (const one of entries.split(/(?<=\}),(?=\{)/)) assert.match(one, single, text);
      }
      for (const node of site.nodes) await assertOneReboot({ host: site.host(node), node });
    }));

  test("--concurrency goes from 1 to 2 while a node is drained: the other waits until that one is out", () =>
    onSite({ cluster, name: "change", nodes: 2, signal }, async (site) => {
      const [node = "", other = ""] = site.nodes;
      await blockDrain(site, node);
      const observation = await observe(site);
      const before = await startClassic(site, { node });
      await site.host(node).requireReboot();
      await untilVerdict({ site, node }, "DrainBlocked");
      await startClassic(site, { node: other, args: ["--concurrency=2"] });
      await site.host(other).requireReboot();
      await untilLockedBy({ site, node: other }, `"${node}" holds it since 20`);
      await before.stop();
      await startClassic(site, { node, args: ["--concurrency=2"] });
      await sleep(3_000);
      await assertNoReboot({ host: site.host(other), node: other });
      await openBudget(site, node);
      await untilRolledOut(site);
      observation.stop();
      assertOneAtATime(observation.moments());
      assert.deepEqual(bootsInOrder(observation.moments()), [node, other]);
    }));

  inEachMode((mode, row) => {
    for (const unschedulable of [false, true]) {
      const end = unschedulable ? "stays cordoned, as its entry says" : "is uncordoned";
      const name = `adopt${unschedulable ? "c" : "u"}`;
      row(`a node that Go kured left there and that was not rebooted yet is drained on, rebooted, and ${end}`, () =>
        leftBehind({ mode, name: `${name}1`, agoMs: 0, unschedulable, wants: true }, async (one) => {
          await untilOver(one);
          await assertOneReboot(one);
          await assertCordoned(one, unschedulable);
        }),
      );

      row(`a node that Go kured left there and that was rebooted since is taken out and ${end}`, () =>
        leftBehind({ mode, name: `${name}2`, agoMs: 60_000, unschedulable, wants: false }, async (one) => {
          await untilOver(one, { boots: 1 });
          await assertNoReboot(one);
          await assertCordoned(one, unschedulable);
          assert.equal(bootsTold(one), 1);
        }),
      );
    }
  });

  test("a node that Go kured left there and that needs no reboot any more is given back, and another node's entry keeps every byte", () =>
    leftBehind(
      { mode: "classic", name: "among", agoMs: 0, unschedulable: false, wants: false, among: true },
      async (one, other) => {
        const left = async () => (await one.site.readLock()) === `{"maxOwners":2,"locks":[${other}]}`;
        await waitFor(`only ${other} to be left`, left, { signal });
        assert.equal(bootsTold(one), 0);
        await assertNoReboot(one);
        await assertCordoned(one, false);
      },
    ));
});

import assert from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProxiedRequest } from "../controlplane/proxy/requests.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import {
  assertNoReboot,
  assertOneReboot,
  blockDrain,
  onOneNode,
  openBudget,
  stuckPod,
  untilDrainStands,
  untilOver,
  untilPhase,
  untilVerdict,
  type Mode,
  type OneNode,
} from "./one-node.ts";
import { inEachMode } from "./selection.ts";
import { type Site } from "./site.ts";
import { eventsOf, verdictOf } from "./told.ts";

const { cluster, signal } = await suiteCluster();

/** A way in which people ask for rest, as `kubectl annotate` does: a merge patch of one annotation. */
interface Kind {
  readonly name: string;
  readonly title: string;
  readonly code: "Paused" | "Held";
  readonly words: string;
  /** `null` takes the request back. */
  readonly ask: (where: { readonly site: Site; readonly node: string }, text: string | null) => Promise<void>;
}

const fleetPause: Kind = {
  name: "fleet",
  title: "a pause of the fleet",
  code: "Paused",
  words: "The whole fleet is paused",
  ask: ({ site }, text) => site.annotateDaemonSet({ "kured.dev/pause": text }),
};
const nodePause: Kind = {
  name: "pause",
  title: "a pause of the node",
  code: "Paused",
  words: "This node is paused",
  ask: ({ site, node }, text) => site.annotateNode(node, { "kured.dev/pause": text }),
};
const nodeHold: Kind = {
  name: "hold",
  title: "a hold of the node",
  code: "Held",
  words: "This node is held",
  ask: ({ site, node }, text) => site.annotateNode(node, { "kured.dev/hold": text }),
};

async function assertUntouched({ site, host, node, ...one }: OneNode): Promise<void> {
  assert.notEqual((await one.readNode()).spec?.unschedulable, true, "it is not cordoned");
  assert.equal(await site.readLock(), undefined);
  await assertNoReboot({ host, node });
}

/** Before any cordon: out of the lock again, with the reason told. */
async function assertGivenBack(one: OneNode, { words, because }: { words: string; because: string }): Promise<void> {
  await untilPhase(one, "closing");
  await waitFor("the lock to be free", async () => (await one.site.readLock()) === undefined, { signal });
  const told = async () =>
    (await verdictOf(one.site, one.node))?.sentences.join(" ").includes(`${words} ("${because}")`);
  await waitFor(`the verdict to say ${words} ("${because}")`, told, { signal });
  await assertUntouched(one);
  const cordons = one.deciderProxy.requests().filter(({ body }) => body.includes('"unschedulable":true'));
  // A cordon that was decided on before we knew is refused, because the Node has changed.
  for (const { status } of cordons) assert.equal(status, 409, "the answer to a cordon");
  assert.equal(evictions(one), 0);
}

function evictions({ deciderProxy }: OneNode): number {
  return deciderProxy.requests().filter(({ path }) => path.endsWith("/eviction")).length;
}

/** Asks in mid-drain, opens the budget, and sees that nothing goes on and nothing is taken back. */
async function assertDrainRests(one: OneNode, { kind, because }: { kind: Kind; because: string }): Promise<void> {
  const { site, node } = one;
  const held = await site.readLock();
  const pod = await stuckPod(site, node);
  await kind.ask(one, because);
  assert.ok((await untilVerdict(one, kind.code)).includes(`${kind.words} ("${because}")`));
  const before = evictions(one);
  await openBudget(site, node);
  await sleep(6_000); // Longer than an eviction waits for its next try.
  assert.equal(evictions(one), before, "evictions while it rests");
  assert.equal(await stuckPod(site, node), pod);
  assert.equal((await one.readNode()).spec?.unschedulable, true, "it is still cordoned");
  assert.equal(await site.readLock(), held);
  assert.equal(await one.phase(), "draining");
  await assertNoReboot(one);
}

const commits = ({ method, body }: ProxiedRequest) => method === "PATCH" && body.includes('\\"commanded\\":');
const claims = ({ method, path }: ProxiedRequest) => method === "PUT" && path.includes("/daemonsets/");

interface Case {
  readonly mode: Mode;
  readonly kind: Kind;
}

async function beforeDuringAndAfter({ mode, kind }: Case): Promise<void> {
  const prepare = async (site: Site, node: string) => {
    await blockDrain(site, node);
    await kind.ask({ site, node }, '{"reason":"the backup runs"}');
    await site.host(node).setRebootBehaviour({ kind: "boots", shutdownMs: 1_500 });
    await site.host(node).requireReboot();
  };
  await onOneNode(
    { cluster, mode, name: kind.name, signal },
    {
      prepare,
      work: async (one) => {
        const { site, node, host } = one;
        const words = `${kind.words} ("the backup runs")`;
        assert.ok((await untilVerdict(one, kind.code)).includes(words));
        if (mode === "coordinated") await untilEvent(one, { code: kind.code, words });
        await sleep(2_000);
        assert.equal(await one.phase(), undefined);
        await assertUntouched(one);

        await kind.ask(one, null);
        await untilDrainStands(one);
        await assertDrainRests(one, { kind, because: "a disk is replaced" });

        await kind.ask(one, null);
        await waitFor("the reboot command", async () => (await host.reboots()).length > 0, { signal });
        await kind.ask(one, "too late");
        await untilOver(one);
        await assertOneReboot(one);
        assert.notEqual((await one.readNode()).spec?.unschedulable, true);
        assert.equal(await site.readLock(), undefined, `the lock of ${node}`);
      },
    },
  );
}

async function untilEvent({ site, node }: OneNode, { code, words }: { code: string; words: string }): Promise<void> {
  const told = async () =>
    (await eventsOf(site, node)).some(({ reason, message }) => reason === code && message.includes(words));
  await waitFor(`the event ${code} of ${node} with ${words}`, told, { signal });
}

async function whileClaimed({ mode, kind }: Case): Promise<void> {
  await onOneNode(
    { cluster, mode, name: `${kind.name}-claim`, signal, flags: ["--drain-delay=3s"] },
    {
      work: async (one) => {
        await one.host.requireReboot();
        await untilPhase(one, "claimed");
        await kind.ask(one, "not now");
        await assertGivenBack(one, { words: kind.words, because: "not now" });
      },
    },
  );
}

async function whileIntended({ mode, kind }: Case): Promise<void> {
  await onOneNode(
    { cluster, mode, name: `${kind.name}-intend`, signal, counts: claims },
    {
      work: async (one) => {
        const claim = one.deciderProxy.holdWrite(1, "before");
        await one.host.requireReboot();
        const held = await claim;
        await kind.ask(one, "not now");
        held.release();
        await assertGivenBack(one, { words: kind.words, because: "not now" });
        // The pause is on the object that holds the lock; another one only shows when the lock has been taken.
        assert.equal(held.request.status, kind === fleetPause ? 409 : 200);
      },
    },
  );
}

async function whileApproved({ mode, kind }: Case): Promise<void> {
  await onOneNode(
    { cluster, mode, name: `${kind.name}-commit`, signal, counts: commits },
    {
      work: async (one) => {
        const { site, host } = one;
        const commit = one.agentProxy.holdWrite(1, "before");
        await host.requireReboot();
        const held = await commit;
        assert.equal(await one.phase(), "approved");
        await kind.ask(one, "not now");
        // The Node itself does not say that the fleet is paused, so there the approval must be taken back first.
        if (kind === fleetPause) await untilPhase(one, "draining");
        held.release();
        assert.ok((await untilVerdict(one, kind.code)).includes(`${kind.words} ("not now")`));
        await untilPhase(one, "draining");
        await sleep(2_000);
        assert.equal(held.request.status, 422, "the answer to the commit");
        await assertNoReboot(one);
        assert.equal((await one.readNode()).spec?.unschedulable, true, "it is still cordoned");
        assert.notEqual(await site.readLock(), undefined);
        await kind.ask(one, null);
        await untilOver(one);
        await assertOneReboot(one);
      },
    },
  );
}

describe("people ask for rest", { concurrency: 12 }, () => {
  inEachMode((mode, row) => {
    for (const kind of [fleetPause, nodePause, nodeHold]) {
      const given = { mode, kind };
      row(`with ${kind.title} nothing begins, a drain stands still, and a commanded reboot completes`, () =>
        beforeDuringAndAfter(given),
      );
      row(`with ${kind.title} a node in the lock that is not drained yet is given back`, () => whileClaimed(given));
      row(`with ${kind.title} an approval that is not committed to is worth nothing`, () => whileApproved(given));
    }
    for (const kind of [fleetPause, nodeHold]) {
      row(`with ${kind.title} in the same instant as the claim nothing is drained`, () =>
        whileIntended({ mode, kind }),
      );
    }

    row("a request with an end ends by itself, one whose end is over or that says false is none", async () => {
      const untilMs = Date.now() + 15_000;
      const until = new Date(untilMs).toISOString();
      const prepare = async (site: Site, node: string) => {
        await nodeHold.ask({ site, node }, '{"until":"2001-01-01T00:00:00Z","reason":"long ago"}');
        await nodePause.ask({ site, node }, "false");
        await fleetPause.ask({ site, node }, JSON.stringify({ until, reason: "the release" }));
        await site.host(node).requireReboot();
      };
      await onOneNode(
        { cluster, mode, name: "until", signal },
        {
          prepare,
          work: async (one) => {
            const said = await untilVerdict(one, "Paused");
            assert.equal(said, `The whole fleet is paused ("the release") until ${until}.`);
            await untilOver(one);
            await assertOneReboot(one);
            assert.ok(((await one.host.reboots())[0]?.atMs ?? 0) >= untilMs);
          },
        },
      );
    });

    row("a request that cannot be understood holds without end, and its text is told", async () => {
      const text = '{"until":"whenever it suits"}';
      const prepare = async (site: Site, node: string) => {
        await nodeHold.ask({ site, node }, text);
        await site.host(node).requireReboot();
      };
      await onOneNode(
        { cluster, mode, name: "unclear", signal },
        {
          prepare,
          work: async (one) => {
            assert.equal(await untilVerdict(one, "Held"), `This node is held (${JSON.stringify(text)}).`);
            await sleep(2_000);
            await assertUntouched(one);
            await nodeHold.ask(one, null);
            await untilOver(one);
            await assertOneReboot(one);
          },
        },
      );
    });
  });
});

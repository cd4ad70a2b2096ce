import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Daemon } from "../controlplane/daemon.ts";
import type { Proxy } from "../controlplane/proxy.ts";
import { NOT_JSON, statusAnswer, type CannedAnswer, type Fault } from "../controlplane/proxy/faults.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { waitFor } from "../controlplane/waits.ts";
import { strikeEachKind, type Strikes } from "./outages/each-kind.ts";
import { rows } from "./selection.ts";
import { addWorkload, onSite, siteProxy, startAgent, startClassic, startCoordinator, type Site } from "./site.ts";
import { untilReported, untilRolledOut } from "./until.ts";

// Between a daemon and a healthy API server stands something that answers for it, cuts, or says nothing at all.

const { cluster, signal } = await suiteCluster();

const html: CannedAnswer = { ...NOT_JSON, status: 502, body: "<html>Bad gateway</html>" };
const plain: CannedAnswer = { status: 404, headers: { "content-type": "text/plain" }, body: "404 page not found" };
const json = { "content-type": "application/json" };
const oddAnswers: readonly Fault[] = [
  statusAnswer(429, "TooManyRequests", { retryAfterSeconds: 1 }),
  statusAnswer(500, "InternalError"),
  html,
  NOT_JSON,
  plain,
  { status: 200, headers: json, body: '{"kind":"Teapot","metadata":{"name":7}}' },
  { status: 200, headers: json, body: '{"kind":"Node","metadata":{"na' },
].map((answer) => ({ kind: "answer", answer }));

describe("odd answers", { concurrency: 10 }, () => {
  for (const offset of rows({ all: [0, 2, 4], few: [0] })) {
    test(`coordinated: refusals, pages of HTML and wrong shapes to every kind of request, series ${offset}`, async () => {
      await onSite({ cluster, name: `odd-${offset}`, nodes: 1, signal }, async (site) => {
        const strikes = await rollCoordinated(site, (proxy) =>
          strikeEachKind(proxy, { faults: oddAnswers, times: 2, offset }),
        );
        assertKinds(strikes, coordinatedKinds);
      });
    });

    test(`classic: refusals, pages of HTML and wrong shapes to every kind of request, series ${offset}`, async () => {
      await onSite({ cluster, name: `classic-odd-${offset}`, nodes: 1, signal }, async (site) => {
        const { strikes, daemon } = await rollClassic(site, (proxy) =>
          strikeEachKind(proxy, { faults: oddAnswers, times: 2, offset }),
        );
        assertKinds(strikes, classicKinds);
        assertTold(daemon);
      });
    });
  }

  test("coordinated: every kind of answer is cut in the middle of its body, twice", async () => {
    await onSite({ cluster, name: "cut", nodes: 1, signal }, async (site) => {
      const strikes = await rollCoordinated(site, (proxy) =>
        strikeEachKind(proxy, { faults: [{ kind: "cut" }], times: 2 }),
      );
      assertKinds(strikes, coordinatedKinds);
    });
  });

  test("classic: every kind of answer is cut in the middle of its body, twice", async () => {
    await onSite({ cluster, name: "classic-cut", nodes: 1, signal }, async (site) => {
      const { strikes } = await rollClassic(site, (proxy) =>
        strikeEachKind(proxy, { faults: [{ kind: "cut" }], times: 2 }),
      );
      assertKinds(strikes, classicKinds);
    });
  });

  test("watches that end again and again, cleanly, broken or told to be too old, lose nothing", async () => {
    await onSite({ cluster, name: "ends", nodes: 1, signal }, async (site) => {
      const event = { type: "ERROR", object: JSON.parse(statusAnswer(410, "Expired").body ?? "") as object };
      const tooOld: CannedAnswer = { status: 200, headers: json, body: `${JSON.stringify(event)}\n` };
      await rollCoordinated(site, (proxy) => {
        const faults: readonly Fault[] = [
          { kind: "answer", answer: tooOld },
          { kind: "answer", answer: statusAnswer(410, "Expired") },
          { kind: "cut", afterBytes: 0 },
        ];
        for (const [index, fault] of faults.entries()) {
          let watches = 0;
          proxy.plan({
            matches: ({ isWatch }) => isWatch && watches++ % faults.length === index,
            fault,
            times: 4,
          });
        }
        const closing = setInterval(() => proxy.closeWatches(Math.random() < 0.5 ? "broken" : "cleanly"), 300);
        site.atEnd(() => Promise.resolve(clearInterval(closing)));
        return { kinds: () => [] };
      });
    });
  });

  test("a token that has expired is read again from its file, and nothing is lost meanwhile", async () => {
    await onSite({ cluster, name: "token", nodes: 2, signal }, async (site) => {
      await addWorkload(site, { replicas: 2, budget: { minAvailable: 2 } });
      const proxy = await siteProxy(site);
      const daemons = await Promise.all(
        site.nodes.map((node) => startClassic(site, { node, daemon: { port: proxy.port } })),
      );
      for (const node of site.nodes) await site.host(node).requireReboot();
      await untilAsked(proxy, "/eviction");
      const old = new Set(proxy.requests().map(({ authorization }) => authorization));
      const unauthorized = statusAnswer(401, "Unauthorized", { message: "Unauthorized" });
      const expired = { kind: "answer", answer: unauthorized } as const;
      proxy.plan({ matches: ({ authorization }) => old.has(authorization), fault: expired, times: Infinity });
      for (const daemon of daemons) await daemon.waitForLine(/does not accept our credentials/, { timeoutMs: 20_000 });
      for (const [index, daemon] of daemons.entries()) await daemon.writeToken(await freshToken(site, index));
      const budget = { kind: "PodDisruptionBudget", metadata: { name: "web", namespace: site.name } };
      await cluster.admin.patch(budget, { spec: { minAvailable: 1 } });
      await untilRolledOut(site, { timeoutMs: 60_000 });
      await assertOnce(site, daemons);
    });
  });

  test("a request that is never answered is given up, whether it was done or not", async () => {
    await onSite({ cluster, name: "silent", nodes: 1, signal }, async (site) => {
      const strikes = await rollCoordinated(site, (proxy) => {
        proxy.plan({
          matches: ({ method, body }) => method === "PATCH" && body.includes('\\"draining\\"'),
          fault: { kind: "silent" },
        });
        return { kinds: () => [] };
      });
      assert.deepEqual(strikes.kinds(), []);
    });
  });
});

const coordinatedKinds = [
  "GET leases",
  "GET nodes",
  "PATCH nodes",
  "POST eviction",
  "PUT daemonsets",
  "list nodes",
  "list pods",
  "watch nodes",
  "watch pods",
];
const classicKinds = ["GET daemonsets", "GET nodes", "PATCH nodes", "POST eviction", "PUT daemonsets", "list pods"];

function assertKinds(strikes: Strikes, expected: readonly string[]): void {
  const struck = strikes.kinds();
  for (const kind of expected) assert.ok(struck.includes(kind), `${kind} was struck, as were ${struck.join(", ")}`);
}

/** One node is rebooted by an agent and a coordinator, both behind one proxy that `harm` has been told of. */
async function rollCoordinated(site: Site, harm: (proxy: Proxy) => Strikes): Promise<Strikes> {
  const [node = ""] = site.nodes;
  await addWorkload(site, { replicas: 2 });
  const proxy = await siteProxy(site);
  const strikes = harm(proxy);
  const coordinator = await startCoordinator(site, { args: ["--lease-duration=10s"], daemon: { port: proxy.port } });
  const agent = await startAgent(site, { node, daemon: { port: proxy.port } });
  await toldOnFailure([coordinator, agent], async () => {
    await untilReported(site, { need: "notRequired", timeoutMs: 60_000 });
    await site.host(node).requireReboot();
    await untilRolledOut(site, { timeoutMs: 90_000 });
  });
  await assertOnce(site, [agent]);
  assert.equal(coordinator.runs(), 1, "starts of the coordinator");
  return strikes;
}

async function rollClassic(
  site: Site,
  harm: (proxy: Proxy) => Strikes,
): Promise<{ readonly strikes: Strikes; readonly daemon: Daemon }> {
  const [node = ""] = site.nodes;
  await addWorkload(site, { replicas: 2 });
  const proxy = await siteProxy(site);
  const strikes = harm(proxy);
  await site.host(node).requireReboot();
  const daemon = await startClassic(site, { node, daemon: { port: proxy.port } });
  await toldOnFailure([daemon], () => untilRolledOut(site, { timeoutMs: 90_000 }));
  await assertOnce(site, [daemon]);
  return { strikes, daemon };
}

async function assertOnce(site: Site, daemons: readonly Daemon[]): Promise<void> {
  for (const [index, node] of site.nodes.entries()) {
    assert.equal((await site.host(node).reboots()).length, 1, `calls of the reboot command on ${node}`);
    assert.equal(site.host(node).boots(), 2, `boots of ${node}`);
    assert.equal(daemons[index]?.runs(), 2, `starts of the daemon on ${node}`);
  }
}

/** What makes no sense is told with what it was. */
function assertTold(daemon: Daemon): void {
  const text = daemon
    .lines()
    .map((line) => line.text)
    .join("\n");
  assert.match(text, /not JSON: <html><body>Welcome/);
  assert.match(text, /should be .+, but is 7/);
}

async function toldOnFailure(daemons: readonly Daemon[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    for (const daemon of daemons) for (const { text } of daemon.lines().slice(-40)) console.log(text);
    throw error;
  }
}

async function untilAsked(proxy: Proxy, path: string): Promise<void> {
  const asked = () => Promise.resolve(proxy.requests().some((request) => request.path.includes(path)));
  await waitFor(`a request for ${path}`, asked, { signal });
}

async function freshToken(site: Site, index: number): Promise<string> {
  const node = site.nodes[index] ?? "";
  const { admin } = site.cluster;
  const [pod] = await admin.list({
    kind: "Pod",
    namespace: site.name,
    fieldSelector: `spec.nodeName=${node}`,
    labelSelector: `name=${site.name}`,
  });
  assert.ok(pod, `the agent's pod on ${node}`);
  const bound = { name: pod.metadata.name, uid: pod.metadata.uid ?? "" };
  return await admin.requestToken({
    namespace: site.name,
    serviceAccount: site.name,
    pod: bound,
    expirationSeconds: 600,
  });
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../../sim/apiserver/fronts/fault.ts";
import { eachKind } from "../cases/outages/each-kind.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import { logLines } from "./program.ts";
import { onStand, type Stand } from "./stand.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

const html = { "content-type": "text/html" };
const json = { "content-type": "application/json" };
const forbidden = '{"kind":"Status","status":"Failure","reason":"Forbidden","message":"not for you","code":403}';
const faults: readonly Fault[] = [
  { kind: "answered", status: 200, headers: html, body: "<html><body>Welcome\u001b[31m</body></html>" },
  { kind: "answered", status: 200, headers: json, body: '{"kind":"Teapot","metadata":{"name":7}}' },
  { kind: "answerLost" },
  { kind: "bodyCut", afterBytes: 10 },
  { kind: "answered", status: 503, headers: html, body: "<h1>No healthy upstream</h1>" },
  { kind: "unreachable" },
];

describe("an API server that answers nonsense", { concurrency: 4 }, () => {
  test("classic: tells it with what it was, and reboots once all the same", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const kinds = eachKind({ faults, times: 1 });
      stand.meet((request) => kinds.choose(request));
      stand.cluster.addWorkload("web", { replicas: 1 });
      const daemon = await stand.startClassic("n1");
      await stand.host("n1").requireReboot();
      await stand.untilRebooted("n1", { timeoutMs: 60_000 });
      await assertOnce(stand, [daemon]);
      const text = messages(daemon);
      assert.match(text, /not JSON: <html><body>Welcome/);
      assert.match(text, /should be .+, but is 7/);
    });
  });

  test("coordinated: reboots once all the same", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const kinds = eachKind({ faults, times: 1, offset: 1 });
      stand.meet((request) => kinds.choose(request));
      stand.cluster.addWorkload("web", { replicas: 1 });
      const coordinator = await stand.startCoordinator({ args: ["--lease-duration=6s"] });
      const agent = await stand.startAgent("n1");
      await stand.host("n1").requireReboot();
      await stand.untilRebooted("n1", { timeoutMs: 60_000 });
      await assertOnce(stand, [agent]);
      assert.equal(coordinator.runs(), 1);
      messages(coordinator);
    });
  });

  test("coordinated, where budgets may not be read: a dry run tells what would hold the drain, and it is begun all the same", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const evictions: string[] = [];
      stand.meet(({ method, path, body = "" }) => {
        if (method === "POST" && path.endsWith("/eviction")) evictions.push(body.includes('"dryRun"') ? "dry" : "real");
        const hidden = path.includes("/poddisruptionbudgets");
        return hidden ? { kind: "answered", status: 403, headers: json, body: forbidden } : undefined;
      });
      stand.cluster.addWorkload("web", { replicas: 1, budget: { minAvailable: 1 } });
      const coordinator = await stand.startCoordinator();
      await stand.startAgent("n1");
      await stand.host("n1").requireReboot();
      await coordinator.waitForLine(/A drain is begun in spite of 1 pod: PDB default\/web: 1 healthy, needs 1\./);
      await coordinator.waitForLine(/The drain is blocked: 1 pod left/);
      assert.deepEqual(evictions.slice(0, 2), ["dry", "real"]);
      stand.meet();
      stand.cluster.admin.remove("/apis/policy/v1/namespaces/default/poddisruptionbudgets/web");
      await stand.untilRebooted("n1");
    });
  });

  test("a commit that is refused again and again is not tried in a hot loop, and the first that is taken counts", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      let commits = 0;
      const refused: Fault = { kind: "answered", status: 500, headers: html, body: "a webhook is down" };
      stand.meet(({ method, body = "" }) => {
        const isCommit = method === "PATCH" && body.includes("/spec/unschedulable");
        if (isCommit) commits += 1;
        return isCommit ? refused : undefined;
      });
      const coordinator = await stand.startCoordinator();
      const agent = await stand.startAgent("n1");
      await stand.host("n1").requireReboot();
      await agent.waitForLine(/a webhook is down/);
      await sleep(5_000);
      assert.ok(commits >= 2 && commits <= 6, `${commits} commits`);
      assert.deepEqual(await stand.host("n1").reboots(), []);
      stand.meet();
      await stand.untilRebooted("n1");
      await assertOnce(stand, [agent]);
      messages(coordinator);
    });
  });

  test("who starts while it is away asks now and then, says so, and begins when it is there", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await stand.goAway();
      let connections = 0;
      const deaf = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(stand.front.port, "127.0.0.1");
      await once(deaf, "listening");
      const daemons = [await stand.startCoordinator(), await stand.startAgent("n1")];
      await sleep(6_000);
      assert.ok(connections >= 4, `${connections} connections`);
      assert.ok(connections <= 60, `${connections} connections`);
      for (const daemon of daemons) {
        assert.ok(daemon.lines().length < 40, `${daemon.lines().length} lines`);
        assert.match(messages(daemon), /the API server cannot be reached/);
      }
      deaf.close();
      await once(deaf, "close");
      await stand.comeBack();
      await stand.host("n1").requireReboot();
      await stand.untilRebooted("n1");
    });
  });

  test("classic: who starts while it is away asks now and then, says so, and begins when it is there", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      await stand.host("n1").requireReboot();
      await stand.goAway();
      const daemon = await stand.startClassic("n1");
      await sleep(6_000);
      assert.ok(daemon.lines().length < 40, `${daemon.lines().length} lines`);
      assert.match(messages(daemon), /the API server cannot be reached/);
      await stand.comeBack();
      await stand.untilRebooted("n1");
    });
  });
});

async function assertOnce(stand: Stand, daemons: readonly Daemon[]): Promise<void> {
  assert.equal((await stand.host("n1").reboots()).length, 1);
  assert.equal(stand.host("n1").boots(), 2);
  for (const daemon of daemons) assert.equal(daemon.runs(), 2);
}

/** Throws at a line that is none of the log. */
function messages(daemon: Daemon): string {
  const text = daemon.lines().map((line) => `${line.text}\n`);
  return logLines(text.join(""))
    .map(({ message }) => message)
    .join("\n");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { rig } from "../../sim/apiserver/fronts/rig.ts";
import { transportFront } from "../../sim/apiserver/fronts/transport.ts";
import { adminOf } from "../../sim/cluster/admin.ts";
import type { BudgetSighting } from "../core/drain/disruption-budget.ts";
import { questionKey } from "../core/question.ts";
import { owner } from "../core/testing/builders.ts";
import { machineClock } from "../host/clock.ts";
import { machineRandom } from "../host/random.ts";
import { kubeClient } from "../kube/client.ts";
import { createContacts } from "../loop/contacts.ts";
import { watchBudgets } from "./watch-budgets.ts";
import { createWorld } from "./world/world.ts";

const budgetsPath = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

test("a watch of budgets that expires after one was deleted goes on, and the deleted one has not opened again", async () => {
  const stop = new AbortController();
  const { signal } = stop;
  const [clock, random] = [machineClock(), machineRandom()];
  const { server } = rig();
  const admin = adminOf(server);
  const client = kubeClient({
    transport: transportFront(server, { user: { name: "us" } }),
    clock,
    requestTimeoutMs: 2_000,
  });
  const world = createWorld({ clock, random, lockAnnotation: "lock", leadership: { kind: "alone" }, owner });
  const contacts = createContacts(clock);
  const log = { write: () => undefined };
  for (const name of ["web", "db"]) admin.create(budgetsPath, { metadata: { name }, spec: { maxUnavailable: 1 } });
  const watching = watchBudgets("default", { client, clock, random, log, signal, world, contacts, what: "budgets" });
  const ended = assert.rejects(watching, /enough/);

  const seen = (): ReadonlyMap<string, BudgetSighting> => {
    const answer = world.view().answers.get(questionKey({ kind: "budgets", namespace: "default", freshForMs: 0 }));
    return answer?.kind === "budgets" ? answer.budgets : new Map();
  };
  const until = async (holds: () => boolean): Promise<void> => {
    for (let tries = 0; !holds(); tries++) {
      assert.ok(tries < 500, "in five seconds");
      await sleep(10);
    }
  };
  await until(() => seen().size === 2);
  admin.remove(`${budgetsPath}/web`);
  await until(() => seen().get("web")?.gone === true);
  const wentAtMs = seen().get("web")?.openedAtMs;

  server.cutWatches("cut");
  admin.remove(`${budgetsPath}/db`);
  admin.create(budgetsPath, { metadata: { name: "later" }, spec: { maxUnavailable: 1 } });
  server.compact();
  await until(() => seen().has("later"));
  assert.equal(seen().get("web")?.openedAtMs, wentAtMs);
  assert.equal(seen().get("db")?.gone, true);
  stop.abort(new Error("enough"));
  await ended;
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pod } from "../testing/builders.ts";
import { dueEvictions, evictionOrder } from "./evictable.ts";
import type { DrainOptions } from "./options.ts";
import { emptied, planDrain, obstacle, remaining, type DrainPlan } from "./plan.ts";
import type { PodFacts } from "./pod.ts";
import type { DrainBehavior, DrainRule } from "./rules.ts";
import { parseSelector } from "./selector.ts";

const nowMs = 1_000_000;

function rule(
  behavior: DrainBehavior,
  { selector = "", order = 0, ...more }: { selector?: string; order?: number; namespaces?: readonly string[] } = {},
): DrainRule {
  const reading = parseSelector(selector);
  assert.equal(reading.kind, "selector");
  return { behavior, order, podSelector: reading.selector, text: `${behavior}:${selector}`, ...more };
}

function plan(pods: readonly PodFacts[], options: Partial<DrainOptions> = {}): DrainPlan {
  const kured = { force: true, ignoreDaemonSets: true, deleteEmptyDirData: true };
  const never = { skipWaitForDeleteSeconds: 0, gracePeriodSeconds: -1 };
  return planDrain(pods, { options: { ...kured, ...never, ...options }, daemonSets: new Map(), wallMs: nowMs });
}

function kindOf(given: Partial<PodFacts>, rules: readonly DrainRule[] = []): string {
  return plan([pod(given)], { rules }).pods[0]?.kind ?? "";
}

function evictedNow(drain: DrainPlan): readonly string[] {
  const order = evictionOrder(drain, { attempts: new Map() });
  return dueEvictions(order, { nowMonotonicMs: nowMs, limitInFlight: 10 }).pods.map(({ name }) => name);
}

describe("A drain rule", () => {
  test("that says Skip leaves its pods where they are, and no other", () => {
    const rules = [rule("Skip", { selector: "app=cache" })];
    assert.equal(kindOf({ labels: { app: "cache" } }, rules), "leave");
    assert.equal(kindOf({ labels: { app: "web" } }, rules), "evict");
    assert.ok(emptied(plan([pod({ labels: { app: "cache" } })], { rules })));
  });

  test("holds in the namespaces that it names", () => {
    const rules = [rule("Skip", { namespaces: ["batch"] })];
    assert.equal(kindOf({ namespace: "batch" }, rules), "leave");
    assert.equal(kindOf({ namespace: "shop" }, rules), "evict");
  });

  test("is the first that matches, whatever the later ones say", () => {
    const rules = [rule("WaitCompleted", { selector: "app=a" }), rule("Skip")];
    assert.equal(kindOf({ labels: { app: "a" } }, rules), "await");
    assert.equal(kindOf({ labels: { app: "b" } }, rules), "leave");
  });

  test("that says WaitCompleted has the drain wait until its pod has ended, and says who wants that", () => {
    const rules = [rule("WaitCompleted", { selector: "job-name" })];
    const running = plan([pod({ name: "job-1", labels: { "job-name": "x" } })], { rules });
    assert.deepEqual(evictedNow(running), []);
    assert.equal(emptied(running), false);
    assert.deepEqual(remaining(running).map(obstacle), [
      "Pod shop/job-1 is not evicted but waited for until it has completed, as the drain rule WaitCompleted:job-name wants.",
    ]);
    assert.ok(emptied(plan([pod({ labels: { "job-name": "x" }, phase: "Succeeded" })], { rules })));
    const deleted = { labels: { "job-name": "x" }, deletionTimestampMs: nowMs };
    assert.equal(kindOf(deleted, rules), "terminating");
  });

  test("does not have the drain wait for what stays on every node", () => {
    const rules = [rule("WaitCompleted")];
    assert.equal(kindOf({ mirror: true }, rules), "leave");
  });

  test("with an order has its pods go after those of a lower one, critical or not", () => {
    const rules = [rule("Drain", { selector: "app=db", order: 10 }), rule("Drain", { selector: "app=lb", order: -5 })];
    const [db, web] = [pod({ name: "db", labels: { app: "db" } }), pod({ name: "web" })];
    const critical = pod({ name: "dns", priorityClassName: "system-cluster-critical" });
    const lb = pod({ name: "lb", labels: { app: "lb" } });
    assert.deepEqual(evictedNow(plan([db, web, critical, lb], { rules })), ["lb"]);
    assert.deepEqual(evictedNow(plan([db, web, critical], { rules })), ["web"]);
    assert.deepEqual(evictedNow(plan([db, critical], { rules })), ["dns"]);
    assert.deepEqual(evictedNow(plan([db], { rules })), ["db"]);
  });
});

describe("What a pod asks for itself", () => {
  const skip = { behavior: "Skip", by: "its label kured.dev/drain" } as const;

  test("decides before the rules", () => {
    assert.equal(kindOf({ drainRequest: skip }, [rule("Drain", { order: 3 })]), "leave");
    assert.equal(kindOf({ drainRequest: { ...skip, behavior: "WaitCompleted" } }, [rule("Skip")]), "await");
  });
});

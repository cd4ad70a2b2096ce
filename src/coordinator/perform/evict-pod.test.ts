import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readStatus } from "../../kube/wire/status.ts";
import { evictionOutcome } from "./evict-pod.ts";

/** What is made of a refusal that the API server, or a webhook by its mouth, gives in these words. */
function outcomeOf(code: number, message: string, details: object = {}) {
  return evictionOutcome(readStatus({ kind: "Status", status: "Failure", code, message, details: { ...details } }));
}

const webhook = 'admission webhook "guard.example.com" denied the request: not before noon';

describe("The answer to an eviction", () => {
  test("keeps what it says of when to ask again, whoever gives it", () => {
    const details = { retryAfterSeconds: 10 };
    const causes = [
      { reason: "DisruptionBudget", message: "The disruption budget web is still being processed by the server." },
    ];
    const retryAfterMs = 10_000;
    assert.deepEqual(outcomeOf(429, "Cannot evict pod", { ...details, causes }), {
      kind: "budgetPending",
      budget: "web",
      retryAfterMs,
    });
    assert.deepEqual(outcomeOf(429, webhook, details), { kind: "postponed", text: webhook, retryAfterMs });
    assert.deepEqual(outcomeOf(429, "Too many requests", details), { kind: "throttled", retryAfterMs });
    assert.deepEqual(outcomeOf(504, "Timeout", details), { kind: "failed", text: "Timeout", retryAfterMs });
    assert.deepEqual(outcomeOf(504, "Timeout"), { kind: "failed", text: "Timeout" });
  });

  test("of a webhook is no word on whether the pod is there, whatever code it chose", () => {
    for (const code of [404, 409]) assert.deepEqual(outcomeOf(code, webhook), { kind: "failed", text: webhook });
    assert.deepEqual(outcomeOf(404, 'pods "web" not found'), { kind: "gone" });
    assert.deepEqual(outcomeOf(409, "the UID in the precondition does not match"), { kind: "otherPod" });
  });
});

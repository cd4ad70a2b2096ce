import assert from "node:assert/strict";
import test from "node:test";
import { transportFront } from "../../sim/apiserver/fronts/transport.ts";
import { ApiServer } from "../../sim/apiserver/server.ts";
import { machineClock } from "../host/clock.ts";
import { machineRandom } from "../host/random.ts";
import { kubeClient } from "./client.ts";
import { recordNodeEvent } from "./events.ts";
import type { NodeEvent, NodeEventParts } from "./events.ts";
import { decodeObject, readValue } from "./object.ts";

const signal = new AbortController().signal;

function parts(authorize: () => boolean = () => true): NodeEventParts {
  const clock = { ...machineClock(), now: () => ({ wallMs: Date.UTC(2026, 9, 1, 12, 30, 5, 678), monotonicMs: 0 }) };
  const server = new ApiServer({ clock: () => clock.now().wallMs, random: machineRandom(), authorize });
  const client = kubeClient({
    transport: transportFront(server, { user: { name: "kured" } }),
    clock,
    requestTimeoutMs: 1_000,
  });
  return { client, clock, instance: "kured-abc", signal };
}

function event(told: Partial<NodeEvent> = {}): NodeEvent {
  const node = { name: "n1", uid: "uid-n1" };
  return { name: "n1.drained", node, type: "Normal", reason: "Drained", message: "All pods have left.", ...told };
}

test("an event on a Node is where kubectl describe node looks for it", async () => {
  const { client, ...rest } = parts();
  assert.deepEqual(await recordNodeEvent(event(), { client, ...rest }), { kind: "ok", value: "recorded" });
  const stored = await client.get("events", { namespace: "default", name: "n1.drained", decode: decodeObject, signal });
  assert.ok(stored.kind === "ok");
  assert.deepEqual(
    { ...stored.value.raw, metadata: undefined },
    {
      metadata: undefined,
      apiVersion: "v1",
      kind: "Event",
      involvedObject: { apiVersion: "v1", kind: "Node", name: "n1", uid: "uid-n1" },
      type: "Normal",
      reason: "Drained",
      message: "All pods have left.",
      firstTimestamp: "2026-10-01T12:30:05Z",
      lastTimestamp: "2026-10-01T12:30:05Z",
      count: 1,
      source: { component: "kured" },
      reportingComponent: "kured",
      reportingInstance: "kured-abc",
    },
  );
});

test("an event that was told before is told", async () => {
  const recorder = parts();
  await recordNodeEvent(event(), recorder);
  assert.deepEqual(await recordNodeEvent(event(), recorder), { kind: "ok", value: "known" });
});

test("no right to events is an answer that the caller can act on", async () => {
  assert.equal(
    (
      await recordNodeEvent(
        event(),
        parts(() => false),
      )
    ).kind,
    "forbidden",
  );
});

test("a message as long as a novel is cut", async () => {
  const { client, ...rest } = parts();
  await recordNodeEvent(event({ message: "x".repeat(5_000) }), { client, ...rest });
  const stored = await client.get("events", { namespace: "default", name: "n1.drained", decode: decodeObject, signal });
  assert.ok(stored.kind === "ok");
  assert.equal(readValue(stored.value.raw, "message"), `${"x".repeat(999)}…`);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "../core/action.ts";
import { node, owner, policy, record } from "../core/testing/builders.ts";
import { machineClock } from "../host/clock.ts";
import { machineRandom } from "../host/random.ts";
import { kubeClient } from "../kube/client.ts";
import { createTasks } from "../loop/tasks.ts";
import type { Transport } from "../ports/transport.ts";
import { families } from "../telemetry/families.ts";
import { createMetrics } from "../telemetry/metrics.ts";
import { createHands } from "./hands.ts";
import { createStory } from "./story.ts";
import { createWorld } from "./world/world.ts";

const log = { write: () => undefined };

test("what a write was answered is known when the write has ended, not a moment before: a look would else be taken for older than it", async () => {
  const { signal } = new AbortController();
  const clock = machineClock();
  const random = machineRandom();
  const world = createWorld({ clock, random, lockAnnotation: "lock", leadership: { kind: "alone" }, owner });
  const known = node({ name: "n1", resourceVersion: "1" });
  world.putNode(known);
  const endedBefore: boolean[] = [];
  const watched: typeof world = {
    ...world,
    putNode: (seen, observedAtMs) => {
      endedBefore.push(world.attempts.all.get("record/n1")?.last !== undefined);
      world.putNode(seen, observedAtMs);
    },
  };
  const tasks = createTasks({ signal, failed: (error) => assert.fail(String(error)) });
  const client = kubeClient({ transport: answering("2"), clock, requestTimeoutMs: 1_000 });
  const metrics = createMetrics(families);
  const messenger = { tell: () => Promise.resolve(true) };
  const more = { messenger, lockAnnotation: "lock", tasks, signal, log, metrics, story: createStory(log) };
  const hands = createHands({ client, world: watched, policy: policy(), clock, ...more });
  const action: Action = {
    kind: "writeRecord",
    key: "record/n1",
    step: "claim",
    node: "n1",
    resourceVersion: "1",
    record: record({ phase: "claimed" }),
    was: record(),
  };
  hands.start(action);
  await tasks.ended();
  assert.deepEqual(endedBefore, [true]);
  assert.equal(world.view().nodes[0]?.resourceVersion, "2");
});

/** Every request with the Node in this version. */
function answering(resourceVersion: string): Transport {
  const json = { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "uid-n1", resourceVersion } };
  return () =>
    Promise.resolve({
      status: 200,
      headers: { "content-type": "application/json" },
      body: ReadableStream.from([new TextEncoder().encode(JSON.stringify(json))]),
    });
}

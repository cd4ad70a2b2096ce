import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ModelNode } from "./model/node.ts";
import { World, type NodeSpec } from "./model/world.ts";

const minuteMs = 60_000;

describe("What a daemon that polls asks of the API server", () => {
  test("is nothing for an hour in which no reboot is required", () => {
    const world = classic({ controlPlane: false, pods: 3 });
    world.timeline.runUntil(world.timeline.nowMs + minuteMs);
    const { reads, writes } = world.network;
    // The Node once for each half of the process, the lock once, and one report.
    assert.deepEqual([reads, writes], [3, 1]);
    world.timeline.runUntil(world.timeline.nowMs + 60 * minuteMs);
    // The words of the sentinel differ at each look, and are written every period.
    assert.equal(world.network.reads - reads, 0);
    assert.ok(world.network.writes - writes <= 60);
  });

  test("is the lock and its holder as seldom as it may while another holds it", () => {
    const world = classic({ controlPlane: false, pods: 0, needAtMs: 0 });
    world.cluster.setLedger(
      '{"nodeID":"n9","metadata":{"unschedulable":false},"created":"2026-05-04T00:00:00Z","TTL":0}',
    );
    world.cluster.putNode({ ...aNode(world), name: "n9", uid: "uid-n9" });
    const { reads } = settled(world);
    const asked = world.network.reads - reads;
    // Every five seconds the lock, every twenty-five its holder.
    assert.ok(asked >= 100 && asked <= 150, `${asked} requests in ten minutes`);
  });

  test("is about one list of pods and one eviction per back-off while a budget blocks its drain", () => {
    const world = classic({ controlPlane: false, pods: 1, needAtMs: 0 });
    world.cluster.closedBudgets.add("web");
    const { reads, writes } = settled(world);
    const [asked, written] = [world.network.reads - reads, world.network.writes - writes];
    assert.ok(asked <= 100, `${asked} reads in ten minutes`);
    // An eviction every fifteen seconds once the back-off has grown, a nonce and its report every minute.
    assert.ok(written <= 60, `${written} writes in ten minutes`);
  });

  test("is little while a machine does not come back", () => {
    const world = classic({ controlPlane: false, pods: 0, needAtMs: 0, mode: "nothing" });
    const { reads, writes } = settled(world);
    assert.ok(world.network.reads - reads <= 30, `${world.network.reads - reads} reads in ten minutes`);
    assert.ok(world.network.writes - writes <= 15, `${world.network.writes - writes} writes in ten minutes`);
  });
});

function aNode(world: World): ModelNode {
  const [node] = world.cluster.nodes.values();
  assert.ok(node);
  return node;
}

function classic(...nodes: readonly NodeSpec[]): World {
  return new World({ mode: "classic", seed: 1, nodes, policy: {} });
}

/** Ten quiet minutes after one in which everything has got where it stays; answers the requests of that first one. */
function settled(world: World): { readonly reads: number; readonly writes: number } {
  world.timeline.runUntil(world.timeline.nowMs + minuteMs);
  const { reads, writes } = world.network;
  world.timeline.runUntil(world.timeline.nowMs + 10 * minuteMs);
  assert.deepEqual(world.rules.broken, []);
  return { reads, writes };
}

import { formatCreated } from "../../../src/core/lock/created.ts";
import { annotateFleet } from "../../world/faults/people.ts";
import { nodePath } from "../../world/faults/mishap.ts";
import { lockAnnotation } from "../../world/network/acts.ts";
import { daemonSetPath, type World } from "../../world/world.ts";
import type { Verb } from "./verb.ts";

/** What people and daemons of kured 1.x write into kured's lock, in its format for one holder. */
export const lockVerbs: readonly Verb[] = [
  {
    form: "somebody writes the lock {text}",
    happen: (world, words) => annotateFleet(world, { [lockAnnotation]: words.text("text") }),
  },
  { form: "somebody removes the lock", happen: (world) => annotateFleet(world, { [lockAnnotation]: null }) },
  {
    form: "Go kured on {node} takes the lock",
    happen: (world, words) => write(world, entryOf(world, { nodeId: words.text("node"), ttlMs: 0 })),
  },
  {
    form: "Go kured on {node} takes the lock for {duration}",
    happen: (world, words) => write(world, entryOf(world, { nodeId: words.text("node"), ttlMs: words.ms() })),
  },
  {
    form: "Go kured cordons {node}",
    happen: (world, words) =>
      void world.goKured.merge(nodePath(words.machine(world)), { spec: { unschedulable: true } }),
  },
  {
    form: "Go kured uncordons {node}",
    happen: (world, words) =>
      void world.goKured.merge(nodePath(words.machine(world)), { spec: { unschedulable: null } }),
  },
  { form: "Go kured releases the lock", happen: (world) => write(world, null) },
];

function entryOf(world: World, { nodeId, ttlMs }: { readonly nodeId: string; readonly ttlMs: number }): string {
  const created = `${formatCreated(world.timeline.wallMs).replace(/(\.\d+)?Z$/, "")}.000000001Z`;
  return JSON.stringify({ nodeID: nodeId, metadata: { unschedulable: false }, created, TTL: ttlMs * 1_000_000 });
}

function write({ goKured }: World, lock: string | null): void {
  goKured.merge(daemonSetPath, { metadata: { annotations: { [lockAnnotation]: lock } } });
}

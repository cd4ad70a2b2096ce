import { formatCreated } from "../../../src/core/lock/created.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { JsonObject } from "../../apiserver/objects/json.ts";
import { lockAnnotation } from "../network/acts.ts";
import { limitOf } from "../options.ts";
import { annotationOf, lockText, nodeNamed } from "../reading.ts";
import { daemonSetPath, type World } from "../world.ts";
import type { Mishap, Place } from "./mishap.ts";
import { daemonOn } from "./processes.ts";
import { nodePath } from "./mishap.ts";

/** Daemons of kured 1.x that are still there, on nodes of their own or on ours, with what they do wrong. */
export const lockWriterMishaps: readonly Mishap[] = [
  {
    name: "a kured 1.x maintains a node outside the view",
    happen: (world, { dice }) => holdFor(world, { nodeId: `old-${dice.hex(2)}`, dice, ttlNs: 0 }),
  },
  {
    name: "a kured 1.x dies with the lock of a node that is gone",
    happen: (world, { dice }) => take(world, { nodeId: `gone-${dice.hex(2)}`, ttlNs: 0 }),
  },
  {
    name: "a kured 1.x left an expired lock",
    happen: (world, place) => {
      const isFree = take(world, { nodeId: place.machine.name, ttlNs: 60e9, agoMs: 600_000 });
      if (isFree && world.mode === "classic") daemonOn(world, place)?.kill("its image is swapped");
    },
  },
  {
    name: "a kured 1.x left its lock and its cordon",
    happen: (world, place) => {
      if (!isUntouched(world, place) || !take(world, { nodeId: place.machine.name, ttlNs: 0 })) return;
      world.goKured.merge(nodePath(place.machine), { spec: { unschedulable: true } });
      // Where it ran, one of ours begins now; it would not expect such a thing later.
      if (world.mode === "classic") daemonOn(world, place)?.kill("its image is swapped");
    },
  },
];

/** What an old daemon writes of itself. */
export interface Entry {
  readonly nodeId: string;
  readonly ttlNs: number;
  readonly agoMs?: number;
}

/** Takes the lock if it is free, as kured does; answers whether it was. */
function take(world: World, entry: Entry): boolean {
  if (parseLedger(lockText(world)).kind !== "free") return false;
  write(world, {
    [lockAnnotation]: limitOf(world.options) > 1 ? listed([entryText(world, entry)]) : entryText(world, entry),
  });
  return true;
}

/** An entry as Go's encoding/json writes it. */
export function entryText(world: World, { nodeId, ttlNs, agoMs = 1_000 }: Entry): string {
  const created = `${formatCreated(world.timeline.wallMs - agoMs).replace(/(\.\d+)?Z$/, "")}.000000001Z`;
  return JSON.stringify({ nodeID: nodeId, metadata: { unschedulable: false }, created, TTL: ttlNs });
}

/** The format of a kured with `--concurrency=2`. */
export function listed(entries: readonly string[]): string {
  return `{"maxOwners":2,"locks":[${entries.join(",")}]}`;
}

function holdFor(world: World, { dice, ...entry }: Entry & { readonly dice: Place["dice"] }): void {
  if (!take(world, entry)) return;
  world.timeline.after(dice.between(30_000, 900_000), () => {
    const entries = entriesOf(parseLedger(lockText(world)));
    if (entries.length === 1 && entries[0]?.nodeId === entry.nodeId) write(world, { [lockAnnotation]: null });
  });
}

/** Annotations of the DaemonSet, whatever stands there. */
export function write({ goKured }: World, annotations: JsonObject): void {
  goKured.merge(daemonSetPath, { metadata: { annotations } });
}

function isUntouched(world: World, { machine }: Place): boolean {
  const node = nodeNamed(machine.name, world);
  return (
    node !== undefined &&
    at(node, "spec", "unschedulable") !== true &&
    annotationOf(node, recordAnnotation) === undefined
  );
}

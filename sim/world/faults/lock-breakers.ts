import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at } from "../../apiserver/objects/json.ts";
import { lockAnnotation } from "../network/acts.ts";
import { lockText, nodeNamed } from "../reading.ts";
import type { World } from "../world.ts";
import { entryText, listed, write } from "./lock-writers.ts";
import { nodePath, type Mishap, type Place } from "./mishap.ts";

/** Daemons of kured 1.x at work in our DaemonSet, each with one of the bugs that cost others their lock. */
export const lockBreakerMishaps: readonly Mishap[] = [
  {
    // Its lock is over, so it is free, whatever its node is doing.
    name: "a kured 1.x takes a lock whose time is over",
    happen: (world, place) => {
      const entries = entriesOf(parseLedger(lockText(world)));
      const { wallMs } = world.timeline;
      const isOver = entries.some(
        ({ createdMs, ttlNs }) =>
          ttlNs > 0n && createdMs !== undefined && createdMs + Number(ttlNs / 1_000_000n) < wallMs,
      );
      if (isOver) holdOver(world, place, (own) => own);
    },
  },
  {
    // It reads the other format as nobody at all.
    name: "a kured 1.x of another concurrency overwrites the lock",
    happen: (world, place) => {
      const { kind } = parseLedger(lockText(world));
      if (kind === "free" || kind === "single") holdOver(world, place, (own) => listed([own]));
    },
  },
  {
    // Without a version nobody tells it that the lock is another one by now.
    name: "a kured 1.x writes the lock as it was",
    happen: (world, { dice }) => {
      const text = lockText(world);
      later(world, dice.between(500, 30_000), () => write(world, { [lockAnnotation]: text ?? null }));
    },
  },
  {
    // It holds the lock at its start, so it takes the machine for rebooted.
    name: "a kured 1.x starts on a node that is in the lock",
    happen: (world, { machine }) => {
      const entries = entriesOf(parseLedger(lockText(world)));
      const node = nodeNamed(machine.name, world);
      if (node === undefined || !entries.some(({ nodeId }) => nodeId === machine.name)) return;
      if (at(node, "spec", "unschedulable") === true)
        world.goKured.merge(nodePath(machine), { spec: { unschedulable: null } });
      leave(world, machine.name);
    },
  },
];

/** Overwrites whatever stands there with a lock of its own, and gives that back after its reboot. */
function holdOver(world: World, { dice }: Place, text: (own: string) => string): void {
  const nodeId = `old-${dice.hex(2)}`;
  write(world, { [lockAnnotation]: text(entryText(world, { nodeId, ttlNs: 0 })) });
  later(world, dice.between(10_000, 300_000), () => leave(world, nodeId));
}

/** Takes its own entry out; a list stays one, though nobody is in it any more. */
function leave(world: World, nodeId: string): void {
  const text = lockText(world);
  const ledger = parseLedger(text);
  if (ledger.kind === "single" && ledger.entry.nodeId === nodeId) write(world, { [lockAnnotation]: null });
  if (ledger.kind !== "multi" || text === undefined) return;
  const others = (JSON.parse(text) as { readonly locks: readonly { readonly nodeID: string }[] }).locks.filter(
    ({ nodeID }) => nodeID !== nodeId,
  );
  write(world, { [lockAnnotation]: listed(others.map((one) => JSON.stringify(one))) });
}

/** Unless everything has been mended by then: nobody runs an old kured any more. */
function later({ timeline, options }: World, delayMs: number, act: () => void): void {
  timeline.after(delayMs, () => {
    if (timeline.nowMs < options.troubleMs) act();
  });
}

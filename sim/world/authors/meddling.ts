import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import type { Change } from "../../apiserver/store/store.ts";
import { installation } from "../installation.ts";
import { annotationOf, lockText, lockTextOf, recordOn, type Readable } from "../reading.ts";
import { writerOf } from "./writer.ts";

/** What others than kured have done to what kured goes by: where they did, some rules cannot hold. */
export class Meddling {
  /** Nodes whose record others have changed during this maintenance. */
  readonly records = new Set<string>();
  /** Nodes whose record others have changed at any time. */
  readonly everRewritten = new Set<string>();
  /** Nodes whose lock entry others have taken away during this maintenance. */
  readonly locks = new Set<string>();

  readonly #readable: Readable;

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  /** Whether somebody else had a hand in this maintenance. */
  touched(node: string): boolean {
    return this.records.has(node) || this.locks.has(node);
  }

  written({ stored, before, after }: Change, user: string): void {
    const name = (after ?? before)?.metadata.name ?? "";
    const isOurs = writerOf(user) === "ours";
    if (stored === "nodes") {
      if (isOurs && recordOn(before) !== undefined && recordOn(after) === undefined) this.#over(name);
      if (!isOurs && annotationOf(before, recordAnnotation) !== annotationOf(after, recordAnnotation)) {
        this.records.add(name);
        this.everRewritten.add(name);
      }
    }
    if (stored !== "daemonsets.apps" || name !== installation.daemonSet || isOurs) return;
    const [old, recent] = [before, after].map((one) => entriesOf(parseLedger(lockTextOf(one))));
    for (const entry of old ?? []) {
      const isLeft = recent?.some(({ nodeId, created }) => nodeId === entry.nodeId && created === entry.created);
      if (isLeft !== true) this.locks.add(entry.nodeId);
    }
    // A lock that an old kured left is taken over with whatever stands on its node.
    for (const { nodeId } of recent ?? []) if (old?.every((one) => one.nodeId !== nodeId)) this.records.add(nodeId);
  }

  #over(node: string): void {
    // A lock entry that came meanwhile is taken over next, with whatever stands on its node.
    if (entriesOf(parseLedger(lockText(this.#readable))).some(({ nodeId }) => nodeId === node)) return;
    this.records.delete(node);
    this.locks.delete(node);
  }
}

import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import type { Change } from "../../apiserver/store/store.ts";
import { lockText, nodeNamed, recordOn, type Readable } from "../reading.ts";
import { writerOf, type WriterKind } from "./writer.ts";

/** Whose cordon stands on which node, by who set it. */
export class Cordons {
  readonly #by = new Map<string, WriterKind>();
  readonly #readable: Readable;

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  /** Whether kured, of this version or of an older one, set the cordon that stands there. */
  isOurs(node: string): boolean {
    const by = this.#by.get(node);
    return by === "ours" || by === "goKured";
  }

  /** Who set the cordon that stands there. */
  owner(node: string): WriterKind | undefined {
    return this.#by.get(node);
  }

  written({ stored, before, after }: Change, user: string): void {
    const name = (after ?? before)?.metadata.name;
    if (stored === "nodes" && name !== undefined) {
      const [was, is] = [before, after].map((node) => at(node, "spec", "unschedulable") === true);
      if (is && !was) this.#by.set(name, writerOf(user));
      if (!is) this.#by.delete(name);
      if (was && is && writerOf(user) === "ours" && this.#isLeft(name, [before, after])) this.#by.set(name, "person");
    }
    // Kubelets and controllers write often, and none of what a cordon is known by.
    if (writerOf(user) === "person" || writerOf(user) === "goKured") this.#forget();
  }

  /**
   * A cordon that was adopted belongs to its lock entry: where somebody took that away, kured leaves the cordon to her.
   */
  #isLeft(name: string, nodes: readonly (KubeObject | undefined)[]): boolean {
    const [was, is] = nodes.map(recordOn);
    const adopted = was?.phase === "claimed" && was.cordon === "ours";
    return adopted && is?.phase === "closing" && is.cordon === "none" && !this.#isInLock(name);
  }

  #isInLock(name: string): boolean {
    return entriesOf(parseLedger(lockText(this.#readable))).some(({ nodeId }) => nodeId === name);
  }

  /** Whoever removes both the record and the lock entry has the cordon to herself: nobody else knows of it. */
  #forget(): void {
    for (const name of this.#by.keys()) {
      const isKnown = recordOn(nodeNamed(name, this.#readable)) !== undefined || this.#isInLock(name);
      if (!isKnown) this.#by.set(name, "person");
    }
  }
}

import { createHash } from "node:crypto";

/** So many characters are hashed at once: a call costs more than the hashing of a line. */
const heldMax = 16_384;

/** The hash of a story that is still being told. */
export class Trace {
  readonly #hash = createHash("sha256");
  #held = "";

  add(line: string): void {
    this.#held += line;
    if (this.#held.length > heldMax) this.#hashHeld();
  }

  /** Of everything so far: equal stories have equal ones. */
  hash(): string {
    this.#hashHeld();
    return this.#hash.copy().digest("hex").slice(0, 16);
  }

  #hashHeld(): void {
    this.#hash.update(this.#held);
    this.#held = "";
  }
}

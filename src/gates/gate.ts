import type { GateState } from "../core/policy/gate.ts";

/** Something that is asked whether a reboot may happen now. */
export interface Gate {
  /** Names the gate in verdicts: `alerts`, `pods`. */
  readonly name: string;
  /** Whether one answer holds for all nodes, or each node has its own. */
  readonly scope: "fleet" | "node";
  /** What a failure is called before its reason, in kured's words where it has some: `prometheus query error`. */
  readonly failure: string;
  /**
   * Asks once. Resolves with what the gate says; rejects with a `GateError` when it says nothing that can be
   * understood, and with `signal.reason` when the signal aborts. The caller sets the deadline and asks again.
   * `node` is the node that is to be rebooted; gates of the whole fleet are not told one.
   */
  ask(options: { readonly node?: string; readonly signal: AbortSignal }): Promise<GateState>;
}

/** No answer. Its message is for people and logs and holds no secret; it ends without a full stop. */
export class GateError extends Error {
  override readonly name = "GateError";
}

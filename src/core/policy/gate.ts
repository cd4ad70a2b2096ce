/**
 * What may keep a node up although everything else allows its reboot: asked by name, wherever the answer comes from.
 */
export interface GatePolicy {
  readonly name: string;
  /** Whether one answer holds for all nodes, or each node has its own. */
  readonly scope: "fleet" | "node";
}

/** What one gate says. `detail` is a phrase without a full stop: `matching pods: [batch-1]`. */
export type GateState =
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly by: "alert" | "pod" | "other"; readonly detail: string };

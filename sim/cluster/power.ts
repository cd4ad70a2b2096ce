/** One machine as its kubelet would know it. Another object whenever it changes. */
export type Machine =
  /** Runs, with a kubelet that reports this boot. */
  | { readonly kind: "up"; readonly bootId: string }
  /** Off, or on its way up: nobody speaks for it. */
  | { readonly kind: "down"; readonly sinceMs: number };

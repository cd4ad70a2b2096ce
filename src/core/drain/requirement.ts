/** One condition on one label. */
export type Requirement =
  | { readonly kind: "exists"; readonly key: string }
  | { readonly kind: "doesNotExist"; readonly key: string }
  /** The three spellings of equality mean what they do in `kubectl -l`; `!=` also holds where the label is absent. */
  | { readonly kind: "equals"; readonly key: string; readonly operator: "=" | "==" | "!="; readonly value: string }
  /** `notin` also holds where the label is absent. The values are sorted and each is there once. */
  | {
      readonly kind: "set";
      readonly key: string;
      readonly operator: "in" | "notin";
      readonly values: readonly string[];
    }
  /** Compares the label as an integer of 64 bits; a label that is none does not match. */
  | { readonly kind: "compare"; readonly key: string; readonly operator: ">" | "<"; readonly value: string };

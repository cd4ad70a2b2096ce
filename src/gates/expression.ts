/** A compiled expression of `--alert-filter-regexp`. */
export interface Expression {
  /** Whether it matches anywhere in the text. */
  matches(text: string): boolean;
}

/** An expression, or why it is none, in Go's words: `error parsing regexp: missing closing ): ...`. */
export type Compiled =
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Compilers of RE2 expressions, as Go's `regexp` understands them. The library is loaded by this call, so that only
 * those who have such an expression pay for it.
 */
export async function loadExpressions(): Promise<(text: string) => Compiled> {
  const { RE2JS, RE2JSException } = await import("re2js");
  return (text) => {
    try {
      const compiled = RE2JS.compile(text);
      return { kind: "expression", expression: { matches: (name) => compiled.matcher(name).find() } };
    } catch (error) {
      if (error instanceof RE2JSException) return { kind: "invalid", message: error.message };
      throw error;
    }
  };
}

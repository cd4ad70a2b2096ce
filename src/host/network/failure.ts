/**
 * Why there is no answer, in Node's words, which hold addresses and names and no more, without its advice to those who
 * start it.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return "no answer";
  const { code } = error as NodeJS.ErrnoException;
  const words = error.message.replace(/; if the root CA is installed locally.*$/s, "");
  return words === "" ? (code ?? "no answer") : words;
}

/** A list as kured prints it: `[a b c]`, and after the first ten names only that there are more. */
export function namesInBrackets(names: readonly string[]): string {
  const shown = names.slice(0, shownMax);
  return `[${[...shown, ...(names.length > shown.length ? ["..."] : [])].join(" ")}]`;
}

const shownMax = 10;

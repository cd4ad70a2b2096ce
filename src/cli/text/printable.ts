import { quote } from "../../core/quote.ts";

/**
 * A text from the cluster as it may go to a terminal: on one line, and whatever could steer a terminal or turn the
 * reading direction shown as an escape such as `\x1b`. Anybody who may annotate a Node writes these texts.
 */
export function printable(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\p{Zs}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (sign) => quote(sign).slice(1, -1));
}

/** A text that could not be understood: in quotes, its beginning only, and nothing in it hidden. */
export function excerpt(text: string): string {
  return quote(cut(text, 200));
}

/** At most `width` characters; where something is missing, the last one is an ellipsis. */
export function cut(text: string, width: number): string {
  const signs = Array.from(text);
  return signs.length <= width ? text : `${signs.slice(0, Math.max(0, width - 1)).join("")}…`;
}

import { unescapePart } from "./escapes.ts";
import { UrlRefused } from "./url-refused.ts";

/** One `key=value` of a query, decoded. */
export type QueryPair = readonly [key: string, value: string];

/** The pairs of a query as Go's `net/url` reads them: one with a semicolon or a bad escape is dropped in silence. */
export function parseQuery(text: string): readonly QueryPair[] {
  return text.split("&").flatMap((pair) => {
    if (pair === "" || pair.includes(";")) return [];
    const equals = pair.indexOf("=");
    const [key, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    try {
      return [[unescapePart(key, "query"), unescapePart(value, "query")] as const];
    } catch (error) {
      if (error instanceof UrlRefused) return [];
      throw error;
    }
  });
}

/** A query as Go's `url.Values.Encode` writes it: sorted by key, `+` for a space. Empty without pairs. */
export function encodeQuery(pairs: readonly QueryPair[]): string {
  const sorted = pairs.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  return sorted.map(([key, value]) => `${escapeQuery(key)}=${escapeQuery(value)}`).join("&");
}

/** One word of a query as Go's `url.QueryEscape` writes it. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replaceAll(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

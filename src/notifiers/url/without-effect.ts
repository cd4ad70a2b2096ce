import { shownKey } from "./properties.ts";
import type { Properties } from "./properties.ts";
import type { ServiceUrl } from "./service-url.ts";

/** Says of each of these keys that stands in the query that it has no effect, and why; for `Notifier.warnings`. */
export function withoutEffect({ query }: ServiceUrl, keys: readonly string[], why: string): readonly string[] {
  const written = new Set(query.map(([key]) => key.toLowerCase()));
  return keys.filter((key) => written.has(key)).map((key) => `${key} has no effect: ${why}`);
}

/** Says so of each key of the query that the service does not know, where it ignores such keys. */
export function strayKeys({ query }: ServiceUrl, properties: Properties): readonly string[] {
  const known = new Set(Object.entries(properties).flatMap(([key, { aliases }]) => [key, ...aliases]));
  const strays = query.map(([key]) => key).filter((key) => !known.has(key.toLowerCase()));
  return strays.map((key) => `${shownKey(key)} has no effect: the service does not know it`);
}

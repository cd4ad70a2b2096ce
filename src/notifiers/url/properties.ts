import type { ServiceUrl } from "./service-url.ts";
import { UrlRefused } from "./url-refused.ts";

/** One property that a service's URL may set in its query. */
export interface Property<T> {
  /** Other keys for the same. */
  readonly aliases: readonly string[];
  readonly fallback: T;
  /** Throws `UrlRefused`, with what is accepted and without what was written. */
  readonly parse: (text: string) => T;
}

/** Properties by their key, in lower case. */
export type Properties = Readonly<Record<string, Property<unknown>>>;

/** What the properties of a URL were set to. */
export type Values<P extends Properties> = { readonly [K in keyof P]: P[K] extends Property<infer T> ? T : never };

/**
 * Reads the query by these properties: keys in any case, of a repeated key the first. Throws `UrlRefused` on a bad
 * value, and on an unknown key unless `unknown` says that the service ignores it.
 */
export function readProperties<P extends Properties>(
  { query }: ServiceUrl,
  properties: P,
  { unknown = "refuse" }: { readonly unknown?: "refuse" | "ignore" } = {},
): Values<P> {
  const keys = new Map<string, string>();
  for (const [key, { aliases }] of Object.entries(properties))
    for (const name of [key, ...aliases]) keys.set(name, key);
  const values = new Map<string, unknown>();
  for (const [written, text] of query) {
    const key = keys.get(written.toLowerCase());
    const property = key === undefined ? undefined : properties[key];
    if (key === undefined || property === undefined) {
      if (unknown === "refuse")
        throw new UrlRefused(`${shownKey(written)} is not a valid config key [${[...keys.keys()].join(" ")}]`);
      continue;
    }
    if (!values.has(key)) values.set(key, parsed(key, { property, text }));
  }
  const all = Object.entries(properties).map(([key, { fallback }]) => [
    key,
    values.has(key) ? values.get(key) : fallback,
  ]);
  return Object.fromEntries(all) as Values<P>; // Each value comes from its own property's parse or fallback.
}

function parsed(key: string, { property, text }: { property: Property<unknown>; text: string }): unknown {
  try {
    return property.parse(text);
  } catch (error) {
    if (error instanceof UrlRefused) throw new UrlRefused(`invalid value for ${key}: ${error.message}`);
    throw error;
  }
}

/**
 * A key for people to read. A secret that holds an unescaped `&` ends up as one, so what is no plain word is not shown.
 */
export function shownKey(key: string): string {
  return /^[a-z_]{1,20}$/i.test(key) ? key : "a key of the query";
}

import type { Service } from "../service.ts";
import { shownKey } from "./properties.ts";
import { parseQuery } from "./query.ts";
import type { ServiceUrl } from "./service-url.ts";

/** What of a URL is lost by Go's rules without a word, in words for the log; for `Notifier.warnings`. */
export function lost(url: ServiceUrl, { reads = {} }: Pick<Service, "reads">): readonly string[] {
  const { query, fragment = false } = reads;
  return [
    ...(query === "receiver's" ? [] : repeatedKeys(url)),
    ...droppedPairs(query === "with semicolons" ? url.rawQuery.replaceAll(";", "%3b") : url.rawQuery),
    ...(fragment || url.fragment === "" ? [] : ["what is behind # has no effect: write %23 where it is meant"]),
  ];
}

function repeatedKeys({ query }: ServiceUrl): readonly string[] {
  const keys = query.map(([key]) => key.toLowerCase());
  const repeated = new Set(keys.filter((key, at) => keys.indexOf(key) < at));
  return Array.from(repeated, (key) => `${shownKey(key)} is there more than once: only the first has an effect`);
}

function droppedPairs(rawQuery: string): readonly string[] {
  const written = rawQuery.split("&").filter((pair) => pair !== "").length;
  return parseQuery(rawQuery).length === written
    ? []
    : ["a part of the query has no effect: write ; as %3B and % as %25"];
}

import type { WebRequest } from "../ports/web.ts";
import { encodeQuery, type QueryPair } from "./url/query.ts";

/** A POST of a form, as browsers send it; fields that are `undefined` are left out. */
export function formPost(
  url: string,
  { fields }: { readonly fields: Readonly<Record<string, string | undefined>> },
): WebRequest {
  const pairs = Object.entries(fields).flatMap(([key, value]): readonly QueryPair[] =>
    value === undefined ? [] : [[key, value]],
  );
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: encodeQuery(pairs),
  };
}

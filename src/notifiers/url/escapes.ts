import { UrlRefused } from "./url-refused.ts";

/** Part of a URL, each of which has rules of its own: in a query `+` is a space; a host name has hardly any escapes. */
export type UrlPart = "user" | "host" | "path" | "query" | "fragment";

/** Decodes `%41` as Go's `net/url` does. Throws `UrlRefused` on `%`, `%zz` and what the part must not contain. */
export function unescapePart(text: string, part: UrlPart): string {
  for (const match of text.matchAll(/%(?:[0-9a-f]{2})?/gi)) {
    // The two characters behind a lone percent sign may be the beginning of somebody's password.
    if (match[0] === "%") throw new UrlRefused(`invalid URL escape in its ${part}`);
    if (part === "host" && /^%[0-7]/.test(match[0])) throw new UrlRefused("invalid URL escape in its host");
  }
  if (part === "host" && /[^\u0080-\u{10ffff}A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%]/u.test(text))
    throw new UrlRefused("invalid character in host name");
  const spaced = part === "query" ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytesOf(spaced)));
}

function* bytesOf(text: string): Generator<number> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte !== percent) {
      yield byte;
      continue;
    }
    yield Number.parseInt(String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0), 16);
    at += 2;
  }
}

const percent = 0x25;

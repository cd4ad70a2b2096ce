/** One `"key": value` of a JSON object: the key decoded, the value exactly as it stands in the text. */
export interface Member {
  readonly key: string;
  readonly raw: string;
}

/**
 * The members of a JSON object in the order of the text, repeated keys included. What others wrote can so be
 * handed on byte for byte, and integers beyond 2^53 keep all their digits. `text` must be a valid JSON object.
 */
export function members(text: string): readonly Member[] {
  return parts(text).map((part) => {
    const quoted = leadingString.exec(part)?.[0] ?? "";
    return { key: decodeString(quoted), raw: part.slice(part.indexOf(":", quoted.length) + 1).trim() };
  });
}

/** The elements of a JSON array, each exactly as it stands in the text. `text` must be a valid JSON array. */
export function elements(text: string): readonly string[] {
  return parts(text);
}

/** What a JSON string says; anything that is not the text of a JSON string says nothing. */
export function decodeString(raw: string): string {
  const value: unknown = raw.startsWith('"') ? JSON.parse(raw) : "";
  return typeof value === "string" ? value : "";
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/g;
const leadingString = /^"[^"\\]*(?:\\.[^"\\]*)*"/;

/** The text between the outer brackets, cut at the commas that belong to them. */
function parts(text: string): readonly string[] {
  const body = text.trim().slice(1, -1);
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: sign, index } of body.matchAll(token)) {
    if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") depth -= 1;
    else if (sign === "," && depth === 0) {
      found.push(body.slice(from, index).trim());
      from = index + 1;
    }
  }
  const last = body.slice(from).trim();
  return last === "" ? found : [...found, last];
}

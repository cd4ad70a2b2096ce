/** Outcome of `parseRecord`; the message is Go's, as kured prints it. */
export type RecordReading =
  | { readonly kind: "fields"; readonly fields: readonly string[] }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Reads the value of a list flag: the first line of a CSV text, with Go's rules (`encoding/csv`). Spaces belong to the
 * fields; a field wholly in double quotes loses them, and two quotes inside it stand for one.
 */
export function parseRecord(text: string): RecordReading {
  if (text === "") return { kind: "fields", fields: [] };
  const line = text.replace(/^(?:\r?\n)+/, "").replace(/\r(?:\n|$)/g, (end) => end.slice(1));
  if (line === "") return { kind: "invalid", message: "EOF" };
  const fields: string[] = [];
  for (let at = 0; ;) {
    const field = line[at] === '"' ? quotedField(line, at) : plainField(line, at);
    if (typeof field === "string") return { kind: "invalid", message: field };
    fields.push(field.text);
    if (line[field.end] !== ",") return { kind: "fields", fields };
    at = field.end + 1;
  }
}

interface Field {
  readonly text: string;
  /** Where the comma is, or the end of the line. */
  readonly end: number;
}

function plainField(line: string, start: number): Field | string {
  const [text = ""] = /^[^,\n]*/.exec(line.slice(start)) ?? [];
  const bare = text.indexOf('"');
  if (bare >= 0) return failure(line, { at: start + bare, cause: 'bare " in non-quoted-field' });
  return { text, end: start + text.length };
}

function quotedField(line: string, start: number): Field | string {
  const [raw = ""] = /^"(?:[^"]|"")*"?/.exec(line.slice(start)) ?? [];
  const end = start + raw.length;
  const closed = raw.length > 1 && raw.endsWith('"') && (raw.length - raw.replaceAll('"', "").length) % 2 === 0;
  const cause = 'extraneous or missing " in quoted-field';
  if (!closed) return failure(line, { at: end, cause });
  if (end < line.length && line[end] !== "," && line[end] !== "\n") return failure(line, { at: end - 1, cause });
  return { text: raw.slice(1, -1).replaceAll('""', '"'), end };
}

/** Go counts columns in bytes, from one. */
function failure(line: string, { at, cause }: { readonly at: number; readonly cause: string }): string {
  const lines = line.slice(0, at).split("\n");
  const column = new TextEncoder().encode(lines.at(-1)).length + 1;
  const start = lines.length > 1 ? `record on line 1; ` : "";
  return `${start}parse error on line ${lines.length}, column ${column}: ${cause}`;
}

/** Outcome of `splitWords`; the message is the one that kured prints. */
export type WordsReading =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * Splits a command line into words the way kured does (google/shlex): spaces and line ends separate; single quotes
 * keep everything; in double quotes and outside a backslash makes the next character plain, whatever it is; `#` at the
 * start of a word begins a comment. There are no variables, patterns or operators: nothing here is a shell.
 */
export function splitWords(text: string): WordsReading {
  const words: string[] = [];
  let rest = text.replace(gap, "");
  while (rest !== "") {
    let word = "";
    while (rest !== "" && !separator.test(rest)) {
      if (openQuote.test(rest)) return { kind: "invalid", message: unfinished(rest) };
      const [piece = ""] = pieceOf.exec(rest) ?? [];
      if (piece === "\\") return { kind: "invalid", message: "EOF found after escape character" };
      word += meaningOf(piece);
      rest = rest.slice(piece.length);
    }
    words.push(word);
    rest = rest.replace(gap, "");
  }
  return { kind: "words", words };
}

const separator = /^[ \t\r\n]/;

/** Everything between two words: spaces and comments. */
const gap = /^(?:[ \t\r\n]+|#[^\n]*)+/;

/** One quoted stretch, one escaped character, a lone backslash at the end, or plain characters. */
const pieceOf = /^(?:'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]|\\|[^'"\\ \t\r\n]+)/u;

/** A quote that is never closed; the rest of the text belongs to it. */
const openQuote = /^(?:'[^']*|"(?:[^"\\]|\\[^])*\\?)$/u;

function meaningOf(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  if (piece.startsWith('"')) return piece.slice(1, -1).replace(/\\([^])/gu, "$1");
  return piece.startsWith("\\") ? piece.slice(1) : piece;
}

function unfinished(rest: string): string {
  const escapes = rest.startsWith('"') && /(?:^|[^\\])(?:\\\\)*\\$/.test(rest);
  return escapes ? "EOF found after escape character" : "EOF found when expecting closing quote";
}

/** A piece of JavaScript as the mutations see it; comments and blanks are left out. */
export interface Token {
  readonly kind: "name" | "number" | "text" | "sign" | "pattern";
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The tokens of JavaScript in the style of this repository: TypeScript with its types blanked out, formatted. What lies
 * between `${` and `}` of a template is taken apart too; the template's own words are not.
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  scan(source, { from: 0, untilBrace: false, tokens });
  return tokens;
}

const blank = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const name = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const number = /0x[\da-f_]+n?|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?/iy;
const text = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y;
const pattern = /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const sign =
  /=>|\.\.\.|\?\?=|\?\?|\?\.(?!\d)|===|!==|==|!=|<=|>=|\*\*|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|[{}()[\];,<>+\-*/%&|^!~?:=.@]/y;

interface Scan {
  readonly from: number;
  /** Ends after the `}` that closes what a template opened. */
  readonly untilBrace: boolean;
  readonly tokens: Token[];
}

/** Answers where it ended. */
function scan(source: string, { from, untilBrace, tokens }: Scan): number {
  let at = from;
  let depth = 0;
  while (at < source.length) {
    const skipped = match(blank, { source, at });
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    if (source[at] === "`") {
      at = template(source, { from: at, tokens });
      continue;
    }
    const token = next(source, { at, before: tokens.at(-1) });
    at = token.end;
    if (token.text === "{") depth += 1;
    if (token.text === "}") {
      if (untilBrace && depth === 0) return at;
      depth -= 1;
    }
    tokens.push(token);
  }
  return at;
}

function template(source: string, { from, tokens }: { readonly from: number; readonly tokens: Token[] }): number {
  let at = from + 1;
  while (source[at] !== "`") {
    if (at >= source.length) throw new Error(`a template without an end at ${from}`);
    if (source[at] === "\\") at += 2;
    else if (source.startsWith("${", at)) at = scan(source, { from: at + 2, untilBrace: true, tokens });
    else at += 1;
  }
  return at + 1;
}

function next(source: string, { at, before }: { readonly at: number; readonly before: Token | undefined }): Token {
  const kinds = [
    ["name", name],
    ["number", number],
    ["text", text],
    ...(mayBePattern(before) ? [["pattern", pattern] as const] : []),
    ["sign", sign],
  ] as const;
  for (const [kind, form] of kinds) {
    const found = match(form, { source, at });
    if (found !== undefined) return { kind, text: found, start: at, end: at + found.length };
  }
  throw new Error(`cannot read ${JSON.stringify(source.slice(at, at + 20))} at ${at}`);
}

/** After a value a slash divides. */
function mayBePattern(before: Token | undefined): boolean {
  if (before === undefined || before.text === "return") return true;
  return before.kind === "sign" && ![")", "]", "}"].includes(before.text);
}

function match(form: RegExp, { source, at }: { readonly source: string; readonly at: number }): string | undefined {
  form.lastIndex = at;
  return form.exec(source)?.[0];
}

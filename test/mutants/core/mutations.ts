import { tokenize, type Token } from "./tokens.ts";

/** One mechanical change of a source text. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  /** What stands there instead. */
  readonly text: string;
  /** For people: `<= for <`. */
  readonly what: string;
}

/** Signs and names that are exchanged for others. */
const exchanged: ReadonlyMap<string, string> = new Map([
  ["<", "<="],
  ["<=", "<"],
  [">", ">="],
  [">=", ">"],
  ["===", "!=="],
  ["!==", "==="],
  ["&&", "||"],
  ["||", "&&"],
  ["??", "&&"],
  ["*", "/"],
  ["/", "*"],
  ["true", "false"],
  ["false", "true"],
]);

/** Methods that are exchanged for others, where a dot stands before them. */
const methods: ReadonlyMap<string, string> = new Map([
  ["min", "max"],
  ["max", "min"],
  ["some", "every"],
  ["every", "some"],
]);

/** Every mutation of this text, in its order: JavaScript, or TypeScript with its types blanked out. */
export function mutationsOf(source: string): readonly Mutation[] {
  const tokens = tokenize(source);
  return tokens.flatMap((token, index) => mutationsAt(tokens, { token, index, source }));
}

/** The text with the mutation in it. */
export function mutate(source: string, { start, end, text }: Mutation): string {
  return source.slice(0, start) + text + source.slice(end);
}

interface Place {
  readonly token: Token;
  readonly index: number;
  readonly source: string;
}

function mutationsAt(tokens: readonly Token[], { token, index, source }: Place): readonly Mutation[] {
  const before = tokens[index - 1];
  const instead = (text: string): readonly Mutation[] => [
    { start: token.start, end: token.end, text, what: `${text === "" ? "nothing" : text} for ${token.text}` },
  ];
  switch (token.kind) {
    case "number":
      return instead(token.text.endsWith("n") ? `(${token.text} + 1n)` : `(${token.text} + 1)`);
    case "text":
      return isValue(tokens, index) && token.text.length > 2 ? instead('""') : [];
    case "pattern":
      return [];
    case "sign":
      if (token.text === "!") return instead("");
      if (token.text === "+" || token.text === "-")
        return endsValue(before) ? instead(token.text === "+" ? "-" : "+") : [];
      return exchange(exchanged.get(token.text), instead);
    case "name":
      if (before?.text === ".") return exchange(methods.get(token.text), instead);
      if (token.text === "return") return emptyReturn(tokens, { index, source });
      if (token.text === "if") return conditions(tokens, { index, source });
      return exchange(exchanged.get(token.text), instead);
  }
}

function exchange(text: string | undefined, make: (text: string) => readonly Mutation[]): readonly Mutation[] {
  return text === undefined ? [] : make(text);
}

/** Not the name of a module, the key of an object, or what a case is compared with. */
function isValue(tokens: readonly Token[], index: number): boolean {
  const [before, after] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
  if (before === "from" || before === "import" || before === "case") return false;
  return !(after === ":" && (before === "{" || before === ","));
}

function endsValue(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    ((token.kind === "name" && token.text !== "return") || token.kind === "number" || [")", "]"].includes(token.text))
  );
}

/** `return something;` answers nothing. */
function emptyReturn(
  tokens: readonly Token[],
  { index, source }: { readonly index: number; readonly source: string },
): readonly Mutation[] {
  const [first, end] = [tokens[index + 1], closing(tokens, { from: index + 1, ends: ";" })];
  if (first === undefined || end === undefined || first.text === ";") return [];
  const was = source.slice(first.start, end.start);
  return was === "undefined"
    ? []
    : [{ start: first.start, end: end.start, text: "undefined", what: `undefined for ${shown(was)}` }];
}

/** What stands between an `if` and its statement, always so and never so. */
function conditions(
  tokens: readonly Token[],
  { index, source }: { readonly index: number; readonly source: string },
): readonly Mutation[] {
  const open = tokens[index + 1];
  const end = closing(tokens, { from: index + 2, ends: ")" });
  if (open?.text !== "(" || end === undefined) return [];
  const was = shown(source.slice(open.end, end.start));
  return ["true", "false"].map((text) => ({ start: open.end, end: end.start, text, what: `${text} for ${was}` }));
}

/** The first token of this text outside all brackets that open from here on. */
function closing(
  tokens: readonly Token[],
  { from, ends }: { readonly from: number; readonly ends: string },
): Token | undefined {
  let depth = 0;
  for (const token of tokens.slice(from)) {
    if (depth === 0 && token.kind === "sign" && token.text === ends) return token;
    if (token.kind !== "sign") continue;
    if ("([{".includes(token.text)) depth += 1;
    if (")]}".includes(token.text)) depth -= 1;
    if (depth < 0) return undefined;
  }
  return undefined;
}

function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}

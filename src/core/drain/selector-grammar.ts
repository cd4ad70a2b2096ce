import { isLabelKey, isLabelValue } from "../fleet/labels.ts";
import type { Requirement } from "./requirement.ts";

/** What is wrong with a selector, as the end of a sentence. */
export interface SelectorFault {
  readonly reason: string;
}

/**
 * The requirements in the order of the text. Grammar, per requirement: `key`, `!key`, `key=value`, `key==value`,
 * `key!=value`, `key in (a,b)`, `key notin (a,b)`, `key>1`, `key<1`; joined by commas. Values may be empty.
 */
export function parseRequirements(text: string): readonly Requirement[] | SelectorFault {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  if (tokens.peek() === end) return requirements;
  for (;;) {
    const requirement = parseRequirement(tokens);
    if ("reason" in requirement) return requirement;
    requirements.push(requirement);
    const separator = tokens.next();
    if (separator === end) return requirements;
    if (separator !== ",") return found(separator, "',' or the end");
  }
}

/** A label value as an integer of 64 bits, or undefined. */
export function labelNumber(label: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(label)) return undefined;
  const value = BigInt(label.replace(/^\+/, ""));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** One requirement; the token behind it is left for the caller. */
function parseRequirement(tokens: Tokens): Requirement | SelectorFault {
  const negated = tokens.peek() === "!";
  if (negated) tokens.next();
  const key = tokens.next();
  if (!isWord(key)) return found(key, "a label key");
  const fault = keyFault(key);
  if (fault !== undefined) return { reason: fault };
  if (negated) return { kind: "doesNotExist", key };
  if (tokens.peek() === end || tokens.peek() === ",") return { kind: "exists", key };

  const operator = tokens.next();
  switch (operator) {
    case "=":
    case "==":
    case "!=": {
      const value = parseValue(tokens);
      return typeof value === "string" ? { kind: "equals", key, operator, value } : value;
    }
    case ">":
    case "<": {
      const value = parseValue(tokens);
      if (typeof value !== "string") return value;
      return labelNumber(value) === undefined
        ? { reason: `"${value}" after '${operator}' is not an integer` }
        : { kind: "compare", key, operator, value };
    }
    case "in":
    case "notin": {
      const values = parseValues(tokens);
      return "reason" in values ? values : { kind: "set", key, operator, values };
    }
    default:
      return found(operator, "one of = == != in notin > <");
  }
}

/** The value after a sign; nothing before a comma or the end is the empty value. */
function parseValue(tokens: Tokens): string | SelectorFault {
  if (tokens.peek() === end || tokens.peek() === ",") return "";
  const value = tokens.next();
  if (!isWord(value)) return found(value, "a label value");
  const fault = valueFault(value);
  return fault === undefined ? value : { reason: fault };
}

/** `(a,b)`: sorted, each once. Empty places are empty values: `()`, `(,a)`, `(a,)`. */
function parseValues(tokens: Tokens): readonly string[] | SelectorFault {
  const opening = tokens.next();
  if (opening !== "(") return found(opening, "'('");
  const values = new Set<string>();
  for (;;) {
    const token = tokens.peek();
    const value = isWord(token) ? tokens.next() : "";
    const fault = valueFault(value);
    if (fault !== undefined) return { reason: fault };
    values.add(value);
    const separator = tokens.next();
    if (separator === ")") return [...values].toSorted();
    if (separator !== ",") return found(separator, "',' or ')'");
  }
}

const end = "";
const signs = new Set(["=", "==", "!=", "!", "(", ")", ",", ">", "<"]);

/** `in` and `notin` are operators only behind a key; elsewhere they are words like others. */
function isWord(token: string): boolean {
  return token !== end && !signs.has(token);
}

function found(token: string, expected: string): SelectorFault {
  return { reason: `${token === end ? "it ends" : `'${token}' stands`} where ${expected} should be` };
}

/** The tokens of one text, read once from left to right; "" after the last. */
class Tokens {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    // The only blanks that Kubernetes skips; any other character belongs to a word.
    this.#tokens = text.match(/[!=]=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g) ?? [];
  }

  peek(): string {
    return this.#tokens[this.#position] ?? end;
  }

  next(): string {
    const token = this.peek();
    this.#position += 1;
    return token;
  }
}

function keyFault(key: string): string | undefined {
  return isLabelKey(key) ? undefined : `"${key}" is not a label key`;
}

function valueFault(value: string): string | undefined {
  return isLabelValue(value) ? undefined : `"${value}" is not a label value`;
}

import { listAt, objectAt, textAt, textsOf } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import { badRequest } from "../status.ts";

/** One condition on a label; a selector is a list of them, all of which must hold. */
export type LabelRequirement =
  /** The label is there and has one of the values. */
  | { readonly kind: "in"; readonly label: string; readonly values: readonly string[] }
  /** The label is missing, or has none of the values. */
  | { readonly kind: "notIn"; readonly label: string; readonly values: readonly string[] }
  | { readonly kind: "exists"; readonly label: string }
  | { readonly kind: "missing"; readonly label: string }
  /** The label is a whole number above or below a bound. */
  | { readonly kind: "above" | "below"; readonly label: string; readonly bound: number };

/** Parses `app=web,tier in (a,b),!old`; an empty text selects everything. Throws a 400 that names the text. */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  const tokens = tokenise(text);
  const requirements: LabelRequirement[] = [];
  const parser = { tokens, next: 0, text };
  if (tokens.length === 0) return requirements;
  for (;;) {
    requirements.push(parseRequirement(parser));
    const separator = take(parser);
    if (separator === undefined) return requirements;
    if (separator !== ",") throw misunderstood(parser, separator);
  }
}

/** Whether these labels meet all of them. */
export function labelsMatch(requirements: readonly LabelRequirement[], labels: JsonObject): boolean {
  return requirements.every((requirement) => labelMatches(requirement, labels));
}

/** The requirements of a `LabelSelector` object, as budgets and workloads have; `undefined` when it is broken. */
export function selectorOf(selector: JsonObject): readonly LabelRequirement[] | undefined {
  const equals = textsOf(objectAt(selector, "matchLabels")).map(([label, value]): LabelRequirement => ({
    kind: "in",
    label,
    values: [value],
  }));
  const expressions = listAt(selector, "matchExpressions").map((expression): LabelRequirement | undefined => {
    const label = textAt(expression, "key") ?? "";
    const values = listAt(expression, "values").map(String);
    switch (textAt(expression, "operator")) {
      case "In":
        return { kind: "in", label, values };
      case "NotIn":
        return { kind: "notIn", label, values };
      case "Exists":
        return { kind: "exists", label };
      case "DoesNotExist":
        return { kind: "missing", label };
      default:
        return undefined;
    }
  });
  const whole = expressions.filter((requirement) => requirement !== undefined);
  return whole.length === expressions.length ? [...equals, ...whole] : undefined;
}

function labelMatches(requirement: LabelRequirement, labels: JsonObject): boolean {
  const value = textAt(labels, requirement.label);
  switch (requirement.kind) {
    case "in":
      return value !== undefined && requirement.values.includes(value);
    case "notIn":
      return value === undefined || !requirement.values.includes(value);
    case "exists":
      return value !== undefined;
    case "missing":
      return value === undefined;
    case "above":
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > requirement.bound;
    case "below":
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < requirement.bound;
  }
}

interface Parser {
  readonly tokens: readonly string[];
  readonly text: string;
  next: number;
}

function parseRequirement(parser: Parser): LabelRequirement {
  const first = take(parser);
  if (first === "!") return { kind: "missing", label: labelName(take(parser), parser) };
  const label = labelName(first, parser);
  const operator = peek(parser);
  if (operator === undefined || operator === ",") return { kind: "exists", label };
  take(parser);
  switch (operator) {
    case "=":
    case "==":
      return { kind: "in", label, values: [singleValue(parser)] };
    case "!=":
      return { kind: "notIn", label, values: [singleValue(parser)] };
    case "in":
      return { kind: "in", label, values: valueSet(parser) };
    case "notin":
      return { kind: "notIn", label, values: valueSet(parser) };
    case ">":
      return { kind: "above", label, bound: wholeNumber(parser) };
    case "<":
      return { kind: "below", label, bound: wholeNumber(parser) };
    default:
      throw misunderstood(parser, operator);
  }
}

/** `a=` means the empty value, so the value may be missing. */
function singleValue(parser: Parser): string {
  const value = peek(parser);
  if (value === undefined || value === ",") return "";
  take(parser);
  return labelValue(value, parser);
}

/** `()` holds one value, the empty one. */
function valueSet(parser: Parser): readonly string[] {
  const opening = take(parser);
  if (opening !== "(") throw misunderstood(parser, opening ?? "");
  const values: string[] = [];
  for (;;) {
    const next = peek(parser);
    values.push(next === "," || next === ")" ? "" : labelValue(take(parser) ?? "(", parser));
    const separator = take(parser);
    if (separator === ")") return values;
    if (separator !== ",") throw misunderstood(parser, separator ?? "");
  }
}

function wholeNumber(parser: Parser): number {
  const token = take(parser) ?? "";
  if (!/^-?\d+$/.test(token)) throw misunderstood(parser, token);
  return Number(token);
}

const namePart = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const prefixPart = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a text may be the name of a label or annotation: an optional DNS prefix, a slash, 63 characters. */
export function isQualifiedName(text: string): boolean {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  if (parts.length > 2 || !namePart.test(name)) return false;
  const prefix = parts.length === 2 ? (parts[0] ?? "") : undefined;
  return prefix === undefined || (prefix.length <= 253 && prefixPart.test(prefix));
}

/** Whether a text may be a label's value: empty, or 63 characters of the usual kind. */
export function isLabelValue(text: string): boolean {
  return text === "" || namePart.test(text);
}

function labelName(token: string | undefined, parser: Parser): string {
  if (token === undefined || !isQualifiedName(token)) throw misunderstood(parser, token ?? "");
  return token;
}

function labelValue(token: string, parser: Parser): string {
  if (!isLabelValue(token)) throw misunderstood(parser, token);
  return token;
}

function tokenise(text: string): readonly string[] {
  return text.match(/[,()]|==|!=|[=!<>]|[^\s,()=!<>]+/g) ?? [];
}

function take(parser: Parser): string | undefined {
  const token = parser.tokens[parser.next];
  parser.next += 1;
  return token;
}

function peek(parser: Parser): string | undefined {
  return parser.tokens[parser.next];
}

function misunderstood(parser: Parser, token: string): Error {
  return badRequest(`unable to parse requirement: found '${token}' in "${parser.text}", expected a label selector`);
}

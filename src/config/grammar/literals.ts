import { quote } from "../../core/quote.ts";

/** Outcome of reading one plain value; the message is Go's, as kured prints it. */
export type LiteralReading<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "invalid"; readonly message: string };

/**
 * A whole number on the command line (`strconv.ParseInt` with base 0): decimal, `0x1F`, `0b1`, `0o17`, and `017`,
 * which is octal; underscores may stand between digits.
 */
export function parseInteger(text: string): LiteralReading<number> {
  const { sign, hex, binary, octal, decimal } = integer.exec(text)?.groups ?? {};
  if (sign === undefined) return refusal("ParseInt", { text, cause: "invalid syntax" });
  const magnitude = value("0x", hex) ?? value("0b", binary) ?? value("", decimal) ?? value("0o", octal || "0") ?? 0n;
  return inRange("ParseInt", { text, magnitude, sign });
}

/** A whole number in the environment (`strconv.Atoi`): decimal digits only, so that `017` is seventeen. */
export function parseDecimal(text: string): LiteralReading<number> {
  const [, sign, digits] = /^([-+]?)([0-9]+)$/.exec(text) ?? [];
  if (digits === undefined) return refusal("Atoi", { text, cause: "invalid syntax" });
  return inRange("Atoi", { text, magnitude: BigInt(digits), sign });
}

/** Yes or no in one of Go's twelve spellings (`strconv.ParseBool`); `yes`, `on` and the like are not among them. */
export function parseBoolean(text: string): LiteralReading<boolean> {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return { kind: "value", value: true };
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return { kind: "value", value: false };
  return refusal("ParseBool", { text, cause: "invalid syntax" });
}

/** An underscore follows a digit or the prefix, and a digit follows it. */
const integer =
  /^(?<sign>[-+]?)(?:0x(?<hex>(?:_?[0-9a-f])+)|0b(?<binary>(?:_?[01])+)|0(?:o(?=.))?(?<octal>(?:_?[0-7])*)|(?<decimal>[1-9](?:_?[0-9])*))$/i;

function value(prefix: string, digits: string | undefined): bigint | undefined {
  return digits === undefined ? undefined : BigInt(prefix + digits.replaceAll("_", ""));
}

interface Magnitude {
  readonly text: string;
  readonly magnitude: bigint;
  readonly sign: string | undefined;
}

function inRange(name: string, { text, magnitude, sign }: Magnitude): LiteralReading<number> {
  const value = sign === "-" ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) !== value) return refusal(name, { text, cause: "value out of range" });
  return { kind: "value", value: Number(value) };
}

function refusal(name: string, { text, cause }: { readonly text: string; readonly cause: string }) {
  return { kind: "invalid", message: `strconv.${name}: parsing ${quote(text)}: ${cause}` } as const;
}

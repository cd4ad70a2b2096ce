import { parseDuration } from "../core/duration.ts";
import { parseRecord } from "./grammar/csv.ts";
import type { RecordReading } from "./grammar/csv.ts";
import { parseBoolean, parseDecimal, parseInteger } from "./grammar/literals.ts";
import type { LiteralReading } from "./grammar/literals.ts";
import { allOptions } from "./options.ts";
import type { NameOf, NamedOption, OptionName } from "./options.ts";

/** Where a value was given. Whole numbers are read differently: only the command line knows bases. */
export type Source = "commandLine" | "environment";

/** Why a text is no RE2 expression, in the words of Go's `regexp`; `undefined` if it is one. */
export type ExpressionFault = (text: string) => string | undefined;

/**
 * The values of all options while the command line and the environment are read, one after the other. Later values
 * replace earlier ones, except that lists grow: only the first value that is given to a list replaces its default.
 */
export class Values {
  readonly #bools = new Map<OptionName, boolean>();
  readonly #ints = new Map<OptionName, number>();
  readonly #durations = new Map<OptionName, bigint>();
  readonly #texts = new Map<OptionName, string | undefined>();
  readonly #lists = new Map<OptionName, readonly string[] | undefined>();
  readonly #given = new Set<OptionName>();

  readonly #expressionFault: ExpressionFault;

  /** Without `expressionFault` every expression is taken as it is. */
  constructor(expressionFault: ExpressionFault = () => undefined) {
    this.#expressionFault = expressionFault;
    for (const option of allOptions()) {
      const fault = this.#read(option, { text: option.default, source: "commandLine" });
      if (fault !== undefined) throw new Error(`The default of ${option.name} cannot be read: ${fault}`);
    }
  }

  /** Gives an option a value as it was written; answers why it cannot have it, in Go's words, or `undefined`. */
  give(option: NamedOption, given: { readonly text: string; readonly source: Source }): string | undefined {
    const fault = this.#read(option, given);
    if (fault === undefined) this.#given.add(option.name);
    return fault;
  }

  bool(name: NameOf<"bool">): boolean {
    return known(name, this.#bools.get(name));
  }

  int(name: NameOf<"int">): number {
    return known(name, this.#ints.get(name));
  }

  /** In nanoseconds. */
  duration(name: NameOf<"duration">): bigint {
    return known(name, this.#durations.get(name));
  }

  text(name: NameOf<"string">): string {
    return known(name, this.#texts.get(name));
  }

  /** The text of an expression; `undefined` if none is set, which is not the same as an empty one. */
  expression(name: NameOf<"regexp">): string | undefined {
    return this.#texts.get(name);
  }

  /** The items of a list; `undefined` if none is set, which is not the same as an empty one. */
  list(name: NameOf<"stringSlice" | "stringArray">): readonly string[] | undefined {
    return this.#lists.get(name);
  }

  #read({ name, type }: NamedOption, { text, source }: { readonly text: string | undefined; readonly source: Source }) {
    // Manifests have --flag="" as a plain YAML scalar, in which the quotes are part of the value.
    const plain = isQuotedNothing(text) ? "" : text;
    switch (type) {
      case "bool":
        return keep(this.#bools, { name, reading: parseBoolean(text ?? "") });
      case "int":
        return keep(this.#ints, {
          name,
          reading: (source === "environment" ? parseDecimal : parseInteger)(text ?? ""),
        });
      case "duration":
        return keep(this.#durations, { name, reading: readDuration(text ?? "") });
      case "string":
        this.#texts.set(name, plain);
        return undefined;
      case "regexp":
        // An empty expression matches every alert, so quotes without content are rather no expression at all.
        this.#texts.set(name, isQuotedNothing(text) ? undefined : text);
        return text === undefined || isQuotedNothing(text) ? undefined : this.#expressionFault(text);
      case "stringSlice":
        return plain === undefined ? undefined : this.#append(name, parseRecord(plain));
      case "stringArray":
        return plain === undefined ? undefined : this.#append(name, parseItems(plain, source));
    }
  }

  #append(name: OptionName, reading: RecordReading): string | undefined {
    if (reading.kind === "invalid") return reading.message;
    const earlier = this.#given.has(name) ? this.#lists.get(name) : undefined;
    this.#lists.set(name, [...(earlier ?? []), ...reading.fields]);
    return undefined;
  }
}

function keep<T>(
  values: Map<OptionName, T>,
  { name, reading }: { readonly name: OptionName; readonly reading: LiteralReading<T> },
): string | undefined {
  if (reading.kind === "invalid") return reading.message;
  values.set(name, reading.value);
  return undefined;
}

function readDuration(text: string): LiteralReading<bigint> {
  const reading = parseDuration(text);
  return reading.kind === "invalid" ? reading : { kind: "value", value: reading.nanoseconds };
}

function known<T>(name: OptionName, value: T | undefined): T {
  if (value === undefined) throw new Error(`The option ${name} has no default.`);
  return value;
}

/** Whether a value is two quotes and nothing between them. */
export function isQuotedNothing(text: string | undefined): boolean {
  return text === '""' || text === "''";
}

/** One flag is one item, whatever it contains. kured cannot take such a list from the environment: ours, one a line. */
function parseItems(text: string, source: Source): RecordReading {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return { kind: "fields", fields: source === "commandLine" ? [text] : lines };
}

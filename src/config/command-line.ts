import { quote } from "../core/quote.ts";
import { renamedFlags } from "./options.ts";
import type { NamedOption } from "./options.ts";
import { warn } from "./problems.ts";
import type { Problem, ProblemCode, Warning } from "./problems.ts";
import { isQuotedNothing } from "./values.ts";
import type { Values } from "./values.ts";

/** What the command line held besides the values that went into `Values`. */
export interface CommandLine {
  /** Help was asked for before anything wrong was met. */
  readonly help: boolean;
  /** Arguments that belong to no flag. */
  readonly positionals: readonly string[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads flags the way Go's pflag does, into `values`: `--flag=value` or `--flag value`, where the value may begin with
 * a dash; a switch is turned off only by `--switch=false`; `--` ends the flags; other arguments may stand anywhere.
 * Unlike pflag it goes on after a mistake, so that all of them are told at once.
 */
export function readCommandLine(
  argv: readonly string[],
  { options, values }: { readonly options: readonly NamedOption[]; readonly values: Values },
): CommandLine {
  const byName = new Map(options.filter((option) => option.environmentOnly !== true).map((one) => [one.name, one]));
  const reader = new Reader(argv, { byName, values });
  reader.run();
  return reader;
}

class Reader implements CommandLine {
  help = false;
  readonly positionals: string[] = [];
  readonly problems: Problem[] = [];
  readonly warnings: Warning[] = [];
  readonly #rest: string[];
  readonly #byName: ReadonlyMap<string, NamedOption>;
  readonly #values: Values;

  constructor(
    argv: readonly string[],
    { byName, values }: { readonly byName: ReadonlyMap<string, NamedOption>; readonly values: Values },
  ) {
    this.#rest = [...argv];
    this.#byName = byName;
    this.#values = values;
  }

  run(): void {
    for (let argument = this.#rest.shift(); argument !== undefined && !this.help; argument = this.#rest.shift()) {
      if (argument === "--") this.positionals.push(...this.#rest.splice(0));
      else if (argument.startsWith("--")) this.#long(argument);
      else if (argument.startsWith("-") && argument !== "-") this.#short(argument);
      else this.positionals.push(argument);
    }
  }

  #long(argument: string): void {
    const [, typed = "", text] = /^--([^=]*)(?:=([^]*))?$/.exec(argument) ?? [];
    if (typed === "" || typed.startsWith("-")) return this.#refuse("BadFlagSyntax", `bad flag syntax: ${argument}`);
    const option = this.#byName.get(renamedFlags.get(typed) ?? typed);
    if (option === undefined && typed === "help") return this.#askForHelp();
    if (option === undefined) return this.#refuse("UnknownFlag", `unknown flag: --${typed}`);
    if (option.name !== typed) this.warnings.push(warn("FlagRenamed", `--${typed} is now --${option.name}`));
    const value = text ?? (option.type === "bool" ? "true" : this.#rest.shift());
    if (value === undefined) return this.#refuse("MissingValue", `flag needs an argument: --${typed}`);
    return this.#give(option, { value, typed });
  }

  #give(option: NamedOption, { value, typed }: { readonly value: string; readonly typed: string }): void {
    const fault = this.#values.give(option, { text: value, source: "commandLine" });
    if (fault === undefined && isQuotedNothing(value)) this.warnings.push(warn("QuotesIgnored", `--${typed}=${value}`));
    if (fault === undefined) return undefined;
    const message = `invalid argument ${quote(value)} for ${quote(`--${typed}`)} flag: ${fault}`;
    return this.#refuse(faultCode(option), message);
  }

  /** kured has no short flags; besides `-h` there are those of the operator's commands, each with a value. */
  #short(argument: string): void {
    const [letter = ""] = argument.slice(1);
    if (letter === "h") return this.#askForHelp();
    const option = this.#byLetter(letter);
    if (option !== undefined) {
      const value = argument.length > 2 ? argument.slice(2).replace(/^=/, "") : this.#rest.shift();
      if (value !== undefined) return this.#give(option, { value, typed: option.name });
      return this.#refuse("MissingValue", `flag needs an argument: '${letter}' in ${argument}`);
    }
    const shown = letter === "'" ? "\\'" : letter === '"' ? letter : quote(letter).slice(1, -1);
    return this.#refuse("UnknownFlag", `unknown shorthand flag: '${shown}' in ${argument}`);
  }

  #byLetter(letter: string): NamedOption | undefined {
    return [...this.#byName.values()].find(({ shorthand }) => shorthand === letter);
  }

  /** After a mistake pflag would not have come here. */
  #askForHelp(): void {
    if (this.problems.length === 0) this.help = true;
  }

  #refuse(code: ProblemCode, message: string): void {
    this.problems.push({ code, message });
  }
}

/** The code for a value that an option of this type cannot have. */
export function faultCode({ type }: NamedOption): ProblemCode {
  switch (type) {
    case "bool":
      return "InvalidBoolean";
    case "int":
      return "InvalidInteger";
    case "duration":
      return "InvalidDuration";
    case "regexp":
      return "InvalidExpression";
    case "string":
    case "stringSlice":
    case "stringArray":
      return "InvalidList";
  }
}

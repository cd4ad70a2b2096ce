import { kuredOptions } from "./options/kured.ts";
import { ownOptions } from "./options/own.ts";

/** What takes options. `classic` is what runs when the first argument names no command, as in kured. */
export type Command = "classic" | "agent" | "coordinator" | "status" | "explain";

/** How a value is written: the types of Go's pflag that kured uses. A string slice is a line of CSV. */
export type OptionType = "bool" | "int" | "duration" | "string" | "regexp" | "stringSlice" | "stringArray";

/** One row of the options table, from which the flags, the help text and later the chart and the reference come. */
export interface Option {
  readonly type: OptionType;
  /** As it would be written; `undefined` is unset, which for lists and expressions differs from empty. */
  readonly default: string | undefined;
  /** The commands that know it. To others its flag is unknown, and its environment variable means nothing. */
  readonly commands: readonly Command[];
  /** One sentence for people, without full stop. */
  readonly usage: string;
  /** It has no flag, because it is not for people to set. */
  readonly environmentOnly?: true;
}

/** The options table. */
export const options = { ...kuredOptions, ...ownOptions } as const;

/** Name of an option, which is its flag without the two dashes. */
export type OptionName = keyof typeof options;

/** The names of all options of some type. */
export type NameOf<T extends OptionType> = {
  [N in OptionName]: (typeof options)[N]["type"] extends T ? N : never;
}[OptionName];

/** An option together with its name. */
export interface NamedOption extends Option {
  readonly name: OptionName;
}

/** The options of one command, in the order of their names, which is also the order of kured's help. */
export function optionsOf(command: Command): readonly NamedOption[] {
  return allOptions().filter(({ commands }) => commands.includes(command));
}

/** Every option, in the order of the names. */
export function allOptions(): readonly NamedOption[] {
  return optionNames()
    .map((name): NamedOption => ({ name, ...options[name] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The environment variable of an option: `KURED_` and the name in capitals, dashes as underscores. */
export function environmentName(name: OptionName): string {
  return `KURED_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Flags that kured had once and what took their place, so that manifests of that time still start. */
export const renamedFlags: ReadonlyMap<string, OptionName> = new Map([["annotation-ttl", "lock-ttl"]]);

function optionNames(): OptionName[] {
  // Object.keys forgets that the keys of a frozen literal are known.
  return Object.keys(options) as OptionName[];
}

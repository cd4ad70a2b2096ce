import { kuredOptions } from "./options/kured.ts";
import type { Command, Option, OptionType } from "./options/option.ts";
import { ownOptions } from "./options/own.ts";

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

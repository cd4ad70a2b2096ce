/** What takes options. `classic` is what runs when the first argument names no command, as in kured. */
export type Command = "classic" | "agent" | "coordinator" | "status" | "explain" | "cleanup";

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
  /** A letter for `-o value`. kured has none, so only commands that it does not have may. */
  readonly shorthand?: string;
  /** It has no flag, because it is not for people to set. */
  readonly environmentOnly?: true;
}

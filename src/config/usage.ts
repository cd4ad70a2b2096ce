import { quote } from "../core/quote.ts";
import { optionsOf } from "./options.ts";
import type { NamedOption } from "./options.ts";
import type { Command } from "./options/option.ts";

/** The help text, in the form in which pflag prints kured's: one line for each flag, then where to find more. */
export function usageText(command: Command, program: string): string {
  const name = command === "classic" ? program : `${program} ${command}${command === "explain" ? " NODE" : ""}`;
  const flags = optionsOf(command).filter((option) => option.environmentOnly !== true);
  const heads = flags.map(headOf);
  const width = Math.max(...heads.map((head) => head.length));
  const lines = flags.map((flag, at) => `${(heads[at] ?? "").padEnd(width)}   ${flag.usage}${defaultOf(flag)}`);
  const more = command === "classic" ? [commandsLine] : [];
  return [`Usage of ${name}:`, ...lines, ...more, ""].join("\n");
}

const commandsLine =
  "\nWithout a command this is classic kured. Commands: agent, coordinator, status, explain NODE, cleanup, version, help COMMAND";

function headOf({ name, type, shorthand }: NamedOption): string {
  const word = type === "bool" ? "" : type === "stringSlice" ? " strings" : ` ${type}`;
  return `${shorthand === undefined ? "      " : `  -${shorthand}, `}--${name}${word}`;
}

/** Defaults that say nothing are not shown. */
function defaultOf({ type, default: text }: NamedOption): string {
  if (text === undefined || ["", "0", "0s", "false"].includes(text)) return "";
  if (type === "string") return ` (default ${quote(text)})`;
  return ` (default ${type === "stringSlice" ? `[${text}]` : text})`;
}

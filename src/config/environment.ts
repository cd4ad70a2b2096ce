import { faultCode } from "./command-line.ts";
import { environmentName } from "./options.ts";
import type { NamedOption } from "./options.ts";
import { warn } from "./problems.ts";
import type { Problem, Warning } from "./problems.ts";
import { isQuotedNothing } from "./values.ts";
import type { Values } from "./values.ts";

/** What was wrong in the environment, each problem in kured's words. */
export interface EnvironmentReading {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/** Environment variables by name, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Puts the environment's values into `values`, over those of the command line, as kured does: a variable counts as
 * soon as it exists, even when it is empty, and lists grow by it.
 */
export function readEnvironment(
  env: Environment,
  { options, values }: { readonly options: readonly NamedOption[]; readonly values: Values },
): EnvironmentReading {
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  for (const option of options) {
    const variable = environmentName(option.name);
    const text = env[variable];
    if (text === undefined) continue;
    if (isServiceLink(option, text)) {
      warnings.push(warn("ServiceLinkIgnored", `${variable}=${text} is ignored`));
      continue;
    }
    const fault = values.give(option, { text, source: "environment" });
    if (fault !== undefined) problems.push({ code: faultCode(option), message: refusal(option, text) });
    else if (isQuotedNothing(text)) warnings.push(warn("QuotesIgnored", `${variable}=${text}`));
  }
  return { problems, warnings };
}

/** For a Service `kured-metrics` Kubernetes sets `KURED_METRICS_PORT=tcp://address:port` in every pod beside it. */
function isServiceLink({ name }: NamedOption, text: string): boolean {
  return name.endsWith("-port") && /^(?:tcp|udp|sctp):\/\//.test(text);
}

function refusal({ name, type }: NamedOption, text: string): string {
  const variable = environmentName(name);
  // kured ends here without the value; what it is matters more than a text without it.
  if (type === "int") return `Invalid value for env var named ${variable}: ${text}`;
  if (type === "bool") return `Invalid value for ${variable}: ${text}`;
  if (type === "duration") return `Invalid duration for ${variable}: ${text}`;
  return `cannot set flag ${name} from env{${variable}}: ${text}`;
}

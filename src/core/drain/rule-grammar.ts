import type { DrainBehavior, DrainRule } from "./rules.ts";
import { parseSelector } from "./selector.ts";

/** A drain rule, or a sentence on what is wrong with its text. */
export type DrainRuleReading =
  | { readonly kind: "rule"; readonly rule: DrainRule }
  | { readonly kind: "invalid"; readonly reason: string };

/**
 * Reads `BEHAVIOR[,order=N][,namespace=NAME…]:SELECTOR`, such as `Drain,order=10:app=db` or
 * `WaitCompleted,namespace=batch:`. An empty selector means every pod.
 */
export function parseDrainRule(text: string): DrainRuleReading {
  const [, head, selector] = /^([^:]*):([^]*)$/.exec(text) ?? [];
  if (head === undefined || selector === undefined)
    return invalid(text, "a colon must stand between what is to be done and the pods' label selector");
  const [word = "", ...details] = head.split(",").map((part) => part.trim());
  const behavior = behaviors.get(word.toLowerCase());
  if (behavior === undefined) return invalid(text, `"${word}" is none of Drain, Skip and WaitCompleted`);
  const parsed = parseSelector(selector.trim());
  if (parsed.kind === "invalid") return invalid(text, parsed.reason);
  let order = 0;
  const namespaces: string[] = [];
  for (const detail of details) {
    const [, key, value = ""] = /^(order|namespace)=(.+)$/.exec(detail) ?? [];
    if (key === undefined) return invalid(text, `"${detail}" is neither order=… nor namespace=…`);
    if (key === "namespace") namespaces.push(value);
    else if (/^-?\d{1,9}$/.test(value)) order = Number(value);
    else return invalid(text, `the order "${value}" is no whole number`);
  }
  if (order !== 0 && behavior === "Skip") return invalid(text, "what is skipped has no order");
  const within = namespaces.length === 0 ? {} : { namespaces };
  return { kind: "rule", rule: { behavior, order, podSelector: parsed.selector, text, ...within } };
}

const behaviors: ReadonlyMap<string, DrainBehavior> = new Map(
  (["Drain", "Skip", "WaitCompleted"] as const).map((behavior) => [behavior.toLowerCase(), behavior]),
);

function invalid(text: string, reason: string): DrainRuleReading {
  return { kind: "invalid", reason: `"${text}" is no drain rule: ${reason}` };
}

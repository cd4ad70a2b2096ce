import type { Requirement } from "./requirement.ts";
import { labelNumber, parseRequirements } from "./selector-grammar.ts";

/** Which pods are meant, by their labels: all requirements must hold, and none at all means every pod. */
export interface Selector {
  /** Sorted by key, as Kubernetes sorts them. */
  readonly requirements: readonly Requirement[];
}

/** The selector, or a sentence on what is wrong with the text. Kubernetes' whole grammar for label selectors. */
export type SelectorReading =
  | { readonly kind: "selector"; readonly selector: Selector }
  | { readonly kind: "invalid"; readonly reason: string };

/** Reads a label selector; an empty text selects everything. */
export function parseSelector(text: string): SelectorReading {
  const parsed = parseRequirements(text);
  if ("reason" in parsed) return { kind: "invalid", reason: `"${text}" is not a label selector: ${parsed.reason}` };
  const requirements = parsed.toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0));
  return { kind: "selector", selector: { requirements } };
}

/** Whether an object with these labels is meant. */
export function selects({ requirements }: Selector, labels: Readonly<Record<string, string>>): boolean {
  return requirements.every((requirement) => {
    const { key } = requirement;
    return holds(requirement, Object.hasOwn(labels, key) ? labels[key] : undefined);
  });
}

/** The canonical text, as kubectl sends it to the API server; "" for everything. */
export function formatSelector({ requirements }: Selector): string {
  return requirements.map(formatRequirement).join(",");
}

function holds(requirement: Requirement, label: string | undefined): boolean {
  switch (requirement.kind) {
    case "exists":
      return label !== undefined;
    case "doesNotExist":
      return label === undefined;
    case "equals":
      return (label === requirement.value) !== (requirement.operator === "!=");
    case "set":
      return (label !== undefined && requirement.values.includes(label)) === (requirement.operator === "in");
    case "compare": {
      const number = label === undefined ? undefined : labelNumber(label);
      if (number === undefined) return false;
      return requirement.operator === ">" ? number > BigInt(requirement.value) : number < BigInt(requirement.value);
    }
  }
}

function formatRequirement(requirement: Requirement): string {
  switch (requirement.kind) {
    case "exists":
      return requirement.key;
    case "doesNotExist":
      return `!${requirement.key}`;
    case "equals":
    case "compare":
      return `${requirement.key}${requirement.operator}${requirement.value}`;
    case "set":
      return `${requirement.key} ${requirement.operator} (${requirement.values.join(",")})`;
  }
}

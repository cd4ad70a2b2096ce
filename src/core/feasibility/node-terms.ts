import { labelNumber } from "../drain/selector-grammar.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { NodeRequirement, NodeTerm } from "./placement.ts";

/** Whether one of the terms matches the node; as in Kubernetes an empty term, or no term at all, matches none. */
export function matchesTerms(terms: readonly NodeTerm[], node: Pick<NodeFacts, "name" | "labels">): boolean {
  return terms.some(({ labels, fields }) => {
    if (labels.length === 0 && fields.length === 0) return false;
    const holdsField = (one: NodeRequirement) =>
      holds(one, one.key === "metadata.name" ? node.name : /* Kubernetes knows no other. */ undefined);
    const holdsLabel = (one: NodeRequirement) =>
      holds(one, Object.hasOwn(node.labels, one.key) ? node.labels[one.key] : undefined);
    return labels.every(holdsLabel) && fields.every(holdsField);
  });
}

/** An operator that is unknown here holds: a pod is rather taken to fit somewhere than to fit nowhere. */
function holds({ operator, values }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const [is, bound] = [labelNumber(value ?? ""), labelNumber(values[0] ?? "")];
      if (is === undefined || bound === undefined) return false;
      return operator === "Gt" ? is > bound : is < bound;
    }
    default:
      return true;
  }
}

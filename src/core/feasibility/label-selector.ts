import { isJsonObject, objectField, textField, type JsonObject } from "../json.ts";
import type { Requirement } from "../drain/requirement.ts";
import type { Selector } from "../drain/selector.ts";

/**
 * A LabelSelector as objects have it: an empty one selects everything, none at all (`undefined`) nothing. An operator
 * that is unknown here selects nothing either.
 */
export function decodeLabelSelector(value: JsonObject | undefined): Selector | undefined {
  if (value === undefined) return undefined;
  const labels = Object.entries(objectField(value, "matchLabels") ?? {}).map(([key, label]): Requirement | undefined =>
    typeof label === "string" ? { kind: "equals", key, operator: "=", value: label } : undefined,
  );
  const expressions = Array.isArray(value["matchExpressions"]) ? value["matchExpressions"].map(expression) : [];
  const requirements = [...labels, ...expressions];
  const known = requirements.filter((one) => one !== undefined);
  return known.length === requirements.length ? { requirements: known } : undefined;
}

function expression(value: unknown): Requirement | undefined {
  if (!isJsonObject(value)) return undefined;
  const key = textField(value, "key") ?? "";
  const list = value["values"];
  const values = Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
  switch (value["operator"]) {
    case "In":
      return { kind: "set", key, operator: "in", values };
    case "NotIn":
      return { kind: "set", key, operator: "notin", values };
    case "Exists":
      return { kind: "exists", key };
    case "DoesNotExist":
      return { kind: "doesNotExist", key };
    default:
      return undefined;
  }
}

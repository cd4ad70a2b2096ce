import { isQualifiedName } from "../selectors/labels.ts";
import type { FieldError } from "../status.ts";
import { badNames, missingValue, wrongValue } from "./field-error.ts";
import { listAt, textAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** What is wrong with the expressions of `spec.selector`. */
export function brokenSelector(selector: JsonObject): readonly FieldError[] {
  return listAt(selector, "matchExpressions").flatMap((expression, index) =>
    brokenExpression(expression, `spec.selector.matchExpressions[${index}]`),
  );
}

function brokenExpression(expression: Json, field: string): readonly FieldError[] {
  const [key, operator] = [textAt(expression, "key") ?? "", textAt(expression, "operator") ?? ""];
  const count = listAt(expression, "values").length;
  return [...brokenValues(operator, { count, field }), ...(isQualifiedName(key) ? [] : badNames(`${field}.key`, key))];
}

function brokenValues(
  operator: string,
  { count, field }: { readonly count: number; readonly field: string },
): readonly FieldError[] {
  switch (operator) {
    case "In":
    case "NotIn":
      return count > 0 ? [] : [missingValue(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case "Exists":
    case "DoesNotExist": {
      const message = "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
      return count === 0 ? [] : [{ field: `${field}.values`, message, type: "FieldValueForbidden" }];
    }
    default:
      return [wrongValue(`${field}.operator`, { value: operator, rule: "not a valid selector operator" })];
  }
}

import type { FieldError } from "../status.ts";
import type { Json } from "./json.ts";

/** An error that quotes the value. */
export function wrongValue(
  field: string,
  { value, rule }: { readonly value: Json | undefined; readonly rule: string },
): FieldError {
  return { field, message: `Invalid value: ${JSON.stringify(value ?? null)}: ${rule}`, type: "FieldValueInvalid" };
}

/** What is wrong with the name of a label, an annotation, or anything else that is named like them. */
export function badNames(field: string, name: string): readonly FieldError[] {
  return [
    ...(name === "" ? [wrongValue(field, { value: name, rule: "name part must be non-empty" })] : []),
    badName(field, name),
  ];
}

function badName(field: string, name: string): FieldError {
  const rule =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  return wrongValue(field, { value: name, rule });
}

/** An error about something that must be said. */
export function missingValue(field: string, hint = ""): FieldError {
  return { field, message: hint === "" ? "Required value" : `Required value: ${hint}`, type: "FieldValueRequired" };
}

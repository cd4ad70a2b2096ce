import { isLabelValue, isQualifiedName } from "../selectors/labels.ts";
import type { FieldError } from "../status.ts";
import { badNames, missingValue, wrongValue } from "./field-error.ts";
import { at, listAt, objectAt, sameJson, textsOf } from "./json.ts";
import { brokenKindRules, forbiddenEventChanges, forbiddenPodChanges } from "./kind-rules.ts";
import { isTerminating } from "./object.ts";
import type { KubeObject } from "./object.ts";

/** What is wrong with an object that is about to be stored; empty when nothing is. */
export function brokenRules(object: KubeObject): readonly FieldError[] {
  return [...brokenName(object), ...brokenLabels(object), ...brokenAnnotations(object), ...brokenKindRules(object)];
}

/** What an update changes although it may not. */
export function forbiddenChanges(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const immutable = ["name", "namespace", "uid", "deletionTimestamp", "deletionGracePeriodSeconds"]
    .filter((field) => !sameJson(at(object.metadata, field), at(old.metadata, field)))
    .map((field) => wrongValue(`metadata.${field}`, { value: at(object.metadata, field), rule: "field is immutable" }));
  return [
    ...immutable,
    ...lateFinalizers(object, old),
    ...forbiddenPodChanges(object, old),
    ...forbiddenEventChanges(object, old),
  ];
}

/** What is on its way out can only be held by those who hold it already. */
function lateFinalizers({ metadata }: KubeObject, old: KubeObject): readonly FieldError[] {
  if (!isTerminating(old)) return [];
  const held = listAt(old, "metadata", "finalizers");
  const added = listAt(metadata, "finalizers").filter((name) => !held.includes(name));
  if (added.length === 0) return [];
  const names = added.map((name) => JSON.stringify(name)).sort();
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${names.join(", ")}}`;
  return [{ field: "metadata.finalizers", message, type: "FieldValueForbidden" }];
}

function brokenName({ metadata }: KubeObject): readonly FieldError[] {
  const { name } = metadata;
  if (name === "") return [missingValue("metadata.name", "name or generateName is required")];
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && name.length <= 253) return [];
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [wrongValue("metadata.name", { value: name, rule })];
}

function brokenLabels({ metadata }: KubeObject): readonly FieldError[] {
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  return textsOf(objectAt(metadata, "labels")).flatMap(([name, value]) => [
    ...(isQualifiedName(name) ? [] : badNames("metadata.labels", name)),
    ...(isLabelValue(value) ? [] : [wrongValue("metadata.labels", { value, rule })]),
  ]);
}

/** All annotations of an object together. */
const maxAnnotationBytes = 262_144;

function brokenAnnotations({ metadata }: KubeObject): readonly FieldError[] {
  const annotations = textsOf(objectAt(metadata, "annotations"));
  const names = annotations
    .filter(([name]) => !isQualifiedName(name.toLowerCase()))
    .flatMap(([name]) => badNames("metadata.annotations", name));
  const bytes = annotations.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (bytes <= maxAnnotationBytes) return names;
  const message = `Too long: may not be more than ${maxAnnotationBytes} bytes`;
  return [...names, { field: "metadata.annotations", message, type: "FieldValueTooLong" }];
}

import { at, isList, isObject, objectAt, sameJson, textsOf, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { KubeObject } from "./object.ts";
import { isLabelValue, isQualifiedName } from "../selectors/labels.ts";
import type { FieldError } from "../status.ts";

/** What is wrong with an object that is about to be stored; empty when nothing is. */
export function brokenRules(object: KubeObject): readonly FieldError[] {
  return [...brokenName(object), ...brokenLabels(object), ...brokenAnnotations(object), ...brokenSpec(object)];
}

/** What an update changes although it may not. */
export function forbiddenChanges(object: KubeObject, old: KubeObject): readonly FieldError[] {
  const immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    .filter((field) => !sameJson(at(object.metadata, field), at(old.metadata, field)))
    .map((field) => wrongValue(`metadata.${field}`, { value: at(object.metadata, field), rule: "field is immutable" }));
  return [...immutable, ...forbiddenPodChanges(object, old)];
}

/** Of a pod's spec only images, tolerations, the grace period (downwards, not checked here) and the deadline may change. */
function forbiddenPodChanges(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (object.kind !== "Pod") return [];
  const [now, before] = [fixedPart(objectAt(object, "spec")), fixedPart(objectAt(old, "spec"))];
  if (sameJson(now, before)) return [];
  const message =
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations), `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
  return [{ field: "spec", message, type: "FieldValueForbidden" }];
}

function fixedPart(spec: JsonObject): JsonObject {
  const containers = at(spec, "containers");
  return {
    ...without(spec, "tolerations", "activeDeadlineSeconds", "containers"),
    containers: isList(containers)
      ? containers.map((container) => (isObject(container) ? without(container, "image") : container))
      : containers,
  };
}

function brokenName({ metadata }: KubeObject): readonly FieldError[] {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(metadata.name) && metadata.name.length <= 253) return [];
  const rule =
    metadata.name === ""
      ? undefined
      : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return rule === undefined
    ? [
        {
          field: "metadata.name",
          message: "Required value: name or generateName is required",
          type: "FieldValueRequired",
        },
      ]
    : [wrongValue("metadata.name", { value: metadata.name, rule })];
}

function brokenLabels({ metadata }: KubeObject): readonly FieldError[] {
  return textsOf(objectAt(metadata, "labels")).flatMap(([name, value]) => [
    ...(isQualifiedName(name) ? [] : [badName("metadata.labels", name)]),
    ...(isLabelValue(value)
      ? []
      : [
          wrongValue("metadata.labels", {
            value,
            rule: "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
          }),
        ]),
  ]);
}

function brokenAnnotations({ metadata }: KubeObject): readonly FieldError[] {
  const annotations = textsOf(objectAt(metadata, "annotations"));
  const names = annotations
    .filter(([name]) => !isQualifiedName(name.toLowerCase()))
    .map(([name]) => badName("metadata.annotations", name));
  const bytes = annotations.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  return bytes <= 262_144
    ? names
    : [
        ...names,
        {
          field: "metadata.annotations",
          message: "Too long: may not be more than 262144 bytes",
          type: "FieldValueTooLong",
        },
      ];
}

function brokenSpec(object: KubeObject): readonly FieldError[] {
  const spec = objectAt(object, "spec");
  if (object.kind === "Lease") {
    const duration = at(spec, "leaseDurationSeconds");
    if (typeof duration === "number" && duration <= 0)
      return [wrongValue("spec.leaseDurationSeconds", { value: duration, rule: "must be greater than 0" })];
  }
  if (
    object.kind === "PodDisruptionBudget" &&
    at(spec, "minAvailable") !== undefined &&
    at(spec, "maxUnavailable") !== undefined
  ) {
    return [wrongValue("spec", { value: spec, rule: "minAvailable and maxUnavailable cannot be both set" })];
  }
  return [];
}

function badName(field: string, name: string): FieldError {
  return wrongValue(field, {
    value: name,
    rule: "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  });
}

function wrongValue(
  field: string,
  { value, rule }: { readonly value: Json | undefined; readonly rule: string },
): FieldError {
  return { field, message: `Invalid value: ${JSON.stringify(value ?? null)}: ${rule}`, type: "FieldValueInvalid" };
}

import { isQualifiedName } from "../selectors/labels.ts";
import type { FieldError } from "../status.ts";
import { badNames, missingValue, wrongValue } from "./field-error.ts";
import { brokenSelector } from "./selector-rules.ts";
import { at, listAt, numberAt, objectAt, sameJson, textAt, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { KubeObject } from "./object.ts";

/** What is wrong with an object by the rules of its own kind, as far as this server knows them. */
export function brokenKindRules(object: KubeObject): readonly FieldError[] {
  switch (object.kind) {
    case "Node":
      return brokenTaints(listAt(object, "spec", "taints"));
    case "Lease":
      return (numberAt(object, "spec", "leaseDurationSeconds") ?? 1) > 0
        ? []
        : [
            wrongValue("spec.leaseDurationSeconds", {
              value: at(object, "spec", "leaseDurationSeconds"),
              rule: "must be greater than 0",
            }),
          ];
    case "PodDisruptionBudget":
      return [...bothLimits(objectAt(object, "spec")), ...brokenSelector(objectAt(object, "spec", "selector"))];
    case "Event":
      return [...misplaced(object), ...incomplete(object)];
    default:
      return [];
  }
}

function bothLimits(spec: JsonObject): readonly FieldError[] {
  return at(spec, "minAvailable") === undefined || at(spec, "maxUnavailable") === undefined
    ? []
    : [wrongValue("spec", { value: spec, rule: "minAvailable and maxUnavailable cannot be both set" })];
}

/** What an update of one of the later events changes although it may not: everything but its series. */
export function forbiddenEventChanges(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (object.kind !== "Event" || at(old, "eventTime") === undefined) return [];
  return [
    "involvedObject",
    "reason",
    "action",
    "message",
    "type",
    "reportingComponent",
    "reportingInstance",
    "eventTime",
  ]
    .filter((name) => !sameJson(at(object, name), at(old, name)))
    .map((name) =>
      wrongValue(name === "reportingComponent" ? "reportingController" : name, {
        value: at(object, name),
        rule: "field is immutable",
      }),
    );
}

const effects: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function brokenTaints(taints: readonly Json[]): readonly FieldError[] {
  return taints.flatMap((taint, index): readonly FieldError[] => {
    const field = `metadata.taints[${index}]`;
    const effect = textAt(taint, "effect") ?? "";
    const key = textAt(taint, "key") ?? "";
    const same = taints
      .slice(0, index)
      .some((other) => textAt(other, "key") === key && textAt(other, "effect") === effect);
    const supported = effects.map((one) => `"${one}"`).join(", ");
    return [
      ...(isQualifiedName(key) ? [] : badNames(`${field}.key`, key)),
      ...(effect === "" ? [missingValue(`${field}.effect`)] : []),
      ...(effect === "" || effects.includes(effect)
        ? []
        : [
            {
              field: `${field}.effect`,
              message: `Unsupported value: "${effect}": supported values: ${supported}`,
              type: "FieldValueNotSupported",
            },
          ]),
      ...(same ? [duplicateTaint(field, taint)] : []),
    ];
  });
}

function duplicateTaint(field: string, taint: Json): FieldError {
  const { key = "", value = "", effect = "", timeAdded = null } = objectAt({ taint }, "taint");
  const shown = JSON.stringify({ Key: key, Value: value, Effect: effect, TimeAdded: timeAdded });
  return {
    field,
    message: `Duplicate value: ${shown}: taints must be unique by key and effect pair`,
    type: "FieldValueDuplicate",
  };
}

/** An Event lives where its object lives, and in `default` when its object lives nowhere. */
function misplaced(event: KubeObject): readonly FieldError[] {
  const about = textAt(event, "involvedObject", "namespace") ?? "";
  const namespace = textAt(event, "metadata", "namespace");
  return (about === "" ? "default" : about) === namespace
    ? []
    : [wrongValue("involvedObject.namespace", { value: about, rule: "does not match event.namespace" })];
}

/** Events of the later API, which have an eventTime, must say who did what. */
function incomplete(event: KubeObject): readonly FieldError[] {
  if (textAt(event, "eventTime") === undefined) return [];
  const controller = textAt(event, "reportingComponent") ?? "";
  return [
    ...(controller === "" ? [missingValue("reportingController")] : []),
    ...(isQualifiedName(controller) ? [] : badNames("reportingController", controller)),
    ...["reportingInstance", "action", "reason"]
      .filter((name) => (textAt(event, name) ?? "") === "")
      .map((name) => missingValue(name)),
    ...((textAt(event, "message") ?? "").length <= 1024 ? [] : [tooLongNote]),
    ...(["Normal", "Warning"].includes(textAt(event, "type") ?? "")
      ? []
      : [wrongValue("type", { value: "", rule: `has invalid value: ${textAt(event, "type") ?? ""}` })]),
  ];
}

const tooLongNote: FieldError = {
  field: "message",
  message: 'Invalid value: "": can have at most 1024 characters',
  type: "FieldValueInvalid",
};

/** Of a pod's spec only images, tolerations and the deadline may change. */
export function forbiddenPodChanges(object: KubeObject, old: KubeObject): readonly FieldError[] {
  if (object.kind !== "Pod") return [];
  if (sameJson(fixedPart(objectAt(object, "spec")), fixedPart(objectAt(old, "spec")))) return [];
  const message =
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
  return [{ field: "spec", message, type: "FieldValueForbidden" }];
}

function fixedPart(spec: JsonObject): JsonObject {
  const containers = listAt(spec, "containers").map((container) =>
    without(objectAt({ container }, "container"), "image"),
  );
  return { ...without(spec, "tolerations", "activeDeadlineSeconds", "containers"), containers };
}

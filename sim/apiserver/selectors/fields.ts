import { at } from "../objects/json.ts";
import type { JsonObject } from "../objects/json.ts";
import type { Resource } from "../objects/resources.ts";
import { badRequest } from "../status.ts";

/** `metadata.name=n1` and the like, all of which must hold. */
export interface FieldRequirement {
  readonly field: string;
  /** The steps to it. */
  readonly path: readonly string[];
  readonly negated: boolean;
  readonly value: string;
}

/** Parses a field selector; throws a 400 for bad grammar and for fields that the kind cannot be selected by. */
export function parseFieldSelector(text: string, resource: Resource): readonly FieldRequirement[] {
  return splitUnescaped(text)
    .filter((term) => term !== "")
    .map((term) => parseTerm(term, { text, resource }));
}

/** Whether an object meets all of them; an absent field is the empty text. */
export function fieldsMatch(requirements: readonly FieldRequirement[], object: JsonObject): boolean {
  return requirements.every((requirement) => {
    return (fieldText(object, requirement) === requirement.value) !== requirement.negated;
  });
}

/** The one name that objects must have to meet all of them, if they ask for one. */
export function selectedName(requirements: readonly FieldRequirement[]): string | undefined {
  return requirements.find(({ field, negated }) => field === "metadata.name" && !negated)?.value;
}

function parseTerm(
  term: string,
  { text, resource }: { readonly text: string; readonly resource: Resource },
): FieldRequirement {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
  const [, field = "", operator = "", value = ""] = match;
  if (!selectable(resource).includes(field)) {
    throw badRequest(unsupported(field, resource));
  }
  const path = field.split(".");
  return { field, path, negated: operator === "!=", value: value.replaceAll(/\\([\\,=])/g, "$1") };
}

/** Kinds that can be selected by nothing of their own say what is left. */
function unsupported(field: string, resource: Resource): string {
  const known = selectable(resource);
  return ["metadata.name", "metadata.namespace"].every((name) => known.includes(name)) && known.length === 2
    ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
    : `field label not supported: ${field}`;
}

/** Absent is the empty text, except for what is absent when it is false. */
function fieldText(object: JsonObject, { field, path }: FieldRequirement): string {
  const found = at(object, ...path);
  if (field === "spec.unschedulable") return String(found === true);
  return typeof found === "string" ? found : "";
}

function selectable(resource: Resource): readonly string[] {
  const always = ["metadata.name", ...(resource.namespaced ? ["metadata.namespace"] : [])];
  switch (resource.kind) {
    case "Pod":
      return [
        ...always,
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
      ];
    case "Node":
      return [...always, "spec.unschedulable"];
    case "Namespace":
      return [...always, "status.phase"];
    case "Event":
      return [
        ...always,
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "reason",
        "type",
        "source",
        "reportingComponent",
      ];
    case "ReplicaSet":
      return [...always, "status.replicas"];
    default:
      return always;
  }
}

/** Commas separate, unless a backslash stands before them. */
function splitUnescaped(text: string): readonly string[] {
  const terms: string[] = [];
  let term = "";
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? "";
    if (character === "\\") {
      term += character + (text[index + 1] ?? "");
      index += 1;
    } else if (character === ",") {
      terms.push(term);
      term = "";
    } else {
      term += character;
    }
  }
  return [...terms, term];
}

import { isJsonObject, objectField, textField, type JsonObject } from "../json.ts";
import { quantity } from "./quantity.ts";

/** What decides on which nodes a pod may run at all. Wishes that the scheduler may pass over are not in it. */
export interface Placement {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Required node affinity: one of the terms must match. */
  readonly affinity?: readonly NodeTerm[];
  readonly tolerations?: readonly Toleration[];
  /** What its containers ask for together, by resource, in the resource's own unit; init containers not counted. */
  readonly requests?: Readonly<Record<string, number>>;
  /** Names of PersistentVolumeClaims in the pod's namespace. */
  readonly claims?: readonly string[];
}

/** All requirements of a term must hold; a term without any matches no node, as Kubernetes has it. */
export interface NodeTerm {
  readonly labels: readonly NodeRequirement[];
  /** Of the Node's own fields, of which Kubernetes knows `metadata.name` only. */
  readonly fields: readonly NodeRequirement[];
}

/** `operator` is the API's: In, NotIn, Exists, DoesNotExist, Gt or Lt. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/**
 * An empty key tolerates every taint, an empty effect every effect. `exists`: whatever its value; also of an operator
 * that is unknown here, because a pod is rather taken to fit somewhere than to fit nowhere.
 */
export interface Toleration {
  readonly key: string;
  readonly exists: boolean;
  readonly value: string;
  readonly effect: string;
}

/** Reads a pod's spec; `undefined` where it may run on any node that is free of taints. */
export function decodePlacement(spec: JsonObject): Placement | undefined {
  const nodeSelector = objectField(spec, "nodeSelector");
  const affinity = objectField(objectField(spec, "affinity") ?? {}, "nodeAffinity");
  const required = affinity && objectField(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  const tolerations = objects(spec["tolerations"]).map(toleration).filter(isOfInterest);
  const requests = requestsOf(objects(spec["containers"]));
  const claims = objects(spec["volumes"]).flatMap((volume) => claimOf(volume) ?? []);
  const placement: Placement = {
    ...(nodeSelector && Object.keys(nodeSelector).length > 0 && { nodeSelector: textsOf(nodeSelector) }),
    ...(required && { affinity: decodeNodeTerms(required) }),
    ...(tolerations.length > 0 && { tolerations }),
    ...(Object.keys(requests).length > 0 && { requests }),
    ...(claims.length > 0 && { claims }),
  };
  return Object.keys(placement).length > 0 ? placement : undefined;
}

/** The terms of a NodeSelector, which pods and PersistentVolumes have alike. */
export function decodeNodeTerms(selector: JsonObject): readonly NodeTerm[] {
  return objects(selector["nodeSelectorTerms"]).map((term) => ({
    labels: objects(term["matchExpressions"]).map(requirement),
    fields: objects(term["matchFields"]).map(requirement),
  }));
}

function requirement(value: JsonObject): NodeRequirement {
  const values = Array.isArray(value["values"]) ? value["values"].filter((one) => typeof one === "string") : [];
  return { key: textField(value, "key") ?? "", operator: textField(value, "operator") ?? "", values };
}

function toleration(value: JsonObject): Toleration {
  return {
    key: textField(value, "key") ?? "",
    exists: !["", "Equal"].includes(textField(value, "operator") ?? ""),
    value: textField(value, "value") ?? "",
    effect: textField(value, "effect") ?? "",
  };
}

/** Every pod tolerates the taints of Kubernetes' own that say what the node's conditions say. */
function isOfInterest({ key }: Toleration): boolean {
  return !key.startsWith("node.kubernetes.io/");
}

function requestsOf(containers: readonly JsonObject[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const container of containers) {
    const requests = objectField(objectField(container, "resources") ?? {}, "requests") ?? {};
    for (const [resource, value] of Object.entries(requests)) {
      const amount = quantity(value);
      if (amount !== undefined && amount > 0) sums[resource] = (sums[resource] ?? 0) + amount;
    }
  }
  return sums;
}

function claimOf(volume: JsonObject): string | undefined {
  return textField(objectField(volume, "persistentVolumeClaim") ?? {}, "claimName");
}

function objects(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function textsOf(object: JsonObject): Readonly<Record<string, string>> {
  const entries = Object.entries(object);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

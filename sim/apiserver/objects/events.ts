import { at, without } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { KubeObject } from "./object.ts";
import type { Resource } from "./resources.ts";

/** The same field in the core Event, which is what is stored, and in the one of events.k8s.io. */
const names: readonly (readonly [core: string, later: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

/** An Event as the API of `resource` shows it; every other object as it is. */
export function eventsShown(object: KubeObject, resource: Resource): JsonObject {
  if (resource.group !== "events.k8s.io") return object;
  return renamed({ ...object, apiVersion: "events.k8s.io/v1" }, names);
}

/** An Event sent to the API of `resource`, as it is stored; every other object as it is. */
export function eventsStored(object: JsonObject, resource: Resource): JsonObject {
  if (resource.group !== "events.k8s.io") return object;
  return renamed(
    { ...object, apiVersion: "v1" },
    names.map(([core, later]) => [later, core]),
  );
}

function renamed(object: JsonObject, pairs: readonly (readonly [string, string])[]): JsonObject {
  return pairs.reduce((current, [from, to]) => {
    const value = at(current, from);
    return value === undefined ? current : { ...without(current, from), [to]: value };
  }, object);
}

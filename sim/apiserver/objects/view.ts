import type { Call } from "../call.ts";
import type { JsonObject } from "./json.ts";
import type { KubeObject } from "./object.ts";
import { eventsShown } from "./events.ts";
import { apiVersionOf } from "./resources.ts";
import type { Resource } from "./resources.ts";
import { failure, notAcceptable } from "../status.ts";

/** In which shape objects are shown: whole, or only their metadata. */
export type View = "object" | "metadata" | "metadataList";

/** Chooses by the Accept header; throws a 406 when it leaves no choice. */
function viewOf({ headers, verb }: Pick<Call, "headers" | "verb">): View {
  const accepted = (headers["accept"] ?? "*/*").split(",").map((one) => one.split(";").map((part) => part.trim()));
  for (const [type = "", ...parameters] of accepted) {
    if (!["application/json", "*/*", "application/*"].includes(type.toLowerCase())) continue;
    const asked = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (asked === undefined) return "object";
    const ofMeta = parameters.includes("g=meta.k8s.io") && parameters.includes("v=v1");
    if (ofMeta && asked === "PartialObjectMetadata") return "metadata";
    if (ofMeta && asked === "PartialObjectMetadataList") return "metadataList";
  }
  const known = verb === "watch" ? [...representations, ...streamed] : representations;
  const message = `406: Not Acceptable\n\nAvailable representations: ${known.join(", ")}`;
  throw failure(406, "NotAcceptable", { message, details: {} });
}

/** Like `viewOf`, for one object or a watch; throws a 406 when the shape of lists is asked for. */
export function objectViewOf(call: Pick<Call, "headers" | "resource" | "verb">): View {
  const view = viewOf(call);
  if (view !== "metadataList") return view;
  throw notAcceptable(
    `you requested PartialObjectMetadataList, but the requested object is not a list (*${goPackage(call.resource)}.${call.resource.kind})`,
  );
}

/** Like `viewOf`, for a collection; throws a 406 when the shape of single objects is asked for. */
export function listViewOf(call: Pick<Call, "headers" | "resource" | "verb">): View {
  const view = viewOf(call);
  if (view !== "metadata") return view;
  throw notAcceptable(
    `you requested PartialObjectMetadata, but the requested object is a list (*${goPackage(call.resource)}.${call.resource.kind}List)`,
  );
}

/** One object in the shape that was asked for. */
export function shown(
  object: KubeObject,
  { view, resource }: { readonly view: View; readonly resource: Resource },
): JsonObject {
  if (view === "object") return eventsShown(object, resource);
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** A list in the shape that was asked for; items of a list do not repeat their kind. */
export function shownList(
  items: readonly KubeObject[],
  options: { readonly view: View; readonly resource: Resource; readonly metadata: JsonObject },
): JsonObject {
  const { view, resource, metadata } = options;
  if (view === "object") {
    return {
      kind: `${resource.kind}List`,
      apiVersion: apiVersionOf(resource),
      metadata,
      items: items.map((item) => ({ ...shown(item, options), kind: undefined, apiVersion: undefined })),
    };
  }
  return {
    kind: "PartialObjectMetadataList",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    items: items.map((item) => shown(item, options)),
  };
}

/** What the real server has; this one has the first only. */
const representations = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const streamed = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

/** The real server names its own types in these messages. */
function goPackage({ group }: Resource): string {
  return group === "" ? "core" : (group.split(".")[0] ?? group);
}

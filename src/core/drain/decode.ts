import { decodePlacement } from "../feasibility/placement.ts";
import { instantField, isJsonObject, objectField, textField, wholeField } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { DrainRequest, PodController, PodFacts } from "./pod.ts";

/**
 * Reads a pod from the API server's JSON, alone or as an item of a list (which says no kind). Undefined means that
 * it cannot be understood: such a list must be refused as a whole, or a pod in the way would be overlooked.
 */
export function decodePod(value: unknown): PodFacts | undefined {
  if (!isJsonObject(value) || (value["kind"] ?? "Pod") !== "Pod") return undefined;
  const metadata = objectField(value, "metadata") ?? {};
  const namespace = textField(metadata, "namespace");
  const name = textField(metadata, "name");
  const uid = textField(metadata, "uid");
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;

  const deletionTimestampMs = instantField(metadata, "deletionTimestamp");
  if (deletionTimestampMs === undefined && (metadata["deletionTimestamp"] ?? undefined) !== undefined) return undefined;
  const spec = objectField(value, "spec") ?? {};
  const status = objectField(value, "status") ?? {};
  const controller = decodeController(metadata);
  const priorityClassName = textField(spec, "priorityClassName");
  const terminationGraceSeconds = wholeField(spec, "terminationGracePeriodSeconds");
  const annotations = objectField(metadata, "annotations") ?? {};
  const volumes = objects(spec["volumes"]);
  const claims = volumes.flatMap((volume) => claimOf(volume, name) ?? []);
  const drainRequest = decodeDrainRequest(metadata);
  const evictionInProgress = textField(annotations, "descheduler.alpha.kubernetes.io/eviction-in-progress");
  const placement = decodePlacement(spec);
  return {
    namespace,
    name,
    uid,
    nodeName: textField(spec, "nodeName") ?? "",
    labels: decodeLabels(metadata),
    phase: textField(status, "phase") ?? "",
    mirror: "kubernetes.io/config.mirror" in annotations,
    hasEmptyDir: volumes.some((volume) => (volume["emptyDir"] ?? undefined) !== undefined),
    ready: objects(status["conditions"]).some(({ type, status: is }) => type === "Ready" && is === "True"),
    ...(claims.length > 0 && { claims }),
    ...(deletionTimestampMs !== undefined && { deletionTimestampMs }),
    ...(controller && { controller }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(terminationGraceSeconds !== undefined && { terminationGraceSeconds }),
    ...(drainRequest && { drainRequest }),
    ...(evictionInProgress !== undefined && { evictionInProgress }),
    ...(placement && { placement }),
  };
}

/** The owner that claims to control the pod; the API server allows at most one. */
function decodeController(metadata: JsonObject): PodController | undefined {
  const owner = objects(metadata["ownerReferences"]).find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const [apiVersion = "", kind = "", name = "", uid = ""] = ["apiVersion", "kind", "name", "uid"].map((key) =>
    textField(owner, key),
  );
  return { apiVersion, kind, name, uid };
}

/** The name of the claim that a volume names; one that was made for the pod alone is named after both. */
function claimOf(volume: JsonObject, pod: string): string | undefined {
  if (isJsonObject(volume["ephemeral"])) return `${pod}-${textField(volume, "name") ?? ""}`;
  const claim = objectField(volume, "persistentVolumeClaim");
  return claim && textField(claim, "claimName");
}

/** Cluster API's label, and ours, which may be an annotation too. Another value is none of these wishes. */
function decodeDrainRequest(metadata: JsonObject): DrainRequest | undefined {
  const [labels, annotations] = [objectField(metadata, "labels") ?? {}, objectField(metadata, "annotations") ?? {}];
  const places = [
    { value: textField(labels, "cluster.x-k8s.io/drain"), by: "its label cluster.x-k8s.io/drain" },
    { value: textField(labels, "kured.dev/drain"), by: "its label kured.dev/drain" },
    { value: textField(annotations, "kured.dev/drain"), by: "its annotation kured.dev/drain" },
  ];
  for (const { value, by } of places) {
    if (value === "skip") return { behavior: "Skip", by };
    if (value === "wait-completed") return { behavior: "WaitCompleted", by };
  }
  return undefined;
}

function decodeLabels(metadata: JsonObject): Readonly<Record<string, string>> {
  const labels = Object.entries(objectField(metadata, "labels") ?? {});
  return Object.fromEntries(labels.filter((label): label is [string, string] => typeof label[1] === "string"));
}

function objects(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

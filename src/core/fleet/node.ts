import { quantities } from "../feasibility/quantity.ts";
import { isJsonObject, objectField, textField, type JsonObject } from "../json.ts";
import { decodeRecord, recordAnnotation, type RecordReading } from "./record.ts";
import { decodeReport, reportAnnotation, type ReportReading } from "./report.ts";
import { decodeRequest, holdAnnotation, pauseAnnotation, type Request } from "./request.ts";

/** The Node annotation with the verdict that was told last; see `verdict/published.ts`. */
export const verdictAnnotation = "kured.dev/verdict";

/** kured's Node annotation for others to see that a reboot is being worked on (`--annotate-nodes`). */
export const inProgressAnnotation = "weave.works/kured-reboot-in-progress";

/** kured's Node annotation that says when a reboot was last begun; it is never removed. */
export const mostRecentAnnotation = "weave.works/kured-most-recent-reboot-needed";

/** What deciding needs to know of one Node object, and nothing else of it is kept. */
export interface NodeFacts {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The Ready condition is `True`. */
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** `status.nodeInfo.bootID`, as the kubelet last saw it. */
  readonly kubeletBoot: string;
  readonly controlPlane: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** As they came, whatever fields they have: they are only ever written back as a whole list. */
  readonly taints: readonly JsonObject[];
  /** What it has for pods, by resource, in the resource's own unit; absent where it does not say. */
  readonly allocatable?: Readonly<Record<string, number>>;
  /** The text of kured's annotation of that name. */
  readonly rebootInProgress?: string;
  /** `status.volumesAttached`, as the attach-detach controller names them; only kept of a node with a record. */
  readonly volumesAttached?: readonly string[];
  readonly record: RecordReading;
  readonly report: ReportReading;
  readonly pause?: Request;
  readonly hold?: Request;
  /** The text of the verdict annotation. */
  readonly published?: string;
}

/** Reads a Node as the API server sent it; `undefined` when it is not a Node at all. */
export function decodeNode(value: unknown): NodeFacts | undefined {
  if (!isJsonObject(value)) return undefined;
  const metadata = objectField(value, "metadata");
  const name = metadata && textField(metadata, "name");
  const uid = metadata && textField(metadata, "uid");
  const resourceVersion = metadata && textField(metadata, "resourceVersion");
  if (metadata === undefined || name === undefined || uid === undefined || resourceVersion === undefined)
    return undefined;
  const annotations = objectField(metadata, "annotations") ?? {};
  const pause = decodeRequest(textField(annotations, pauseAnnotation));
  const hold = decodeRequest(textField(annotations, holdAnnotation));
  const published = textField(annotations, verdictAnnotation);
  const rebootInProgress = textField(annotations, inProgressAnnotation);
  const labels = objectField(metadata, "labels") ?? {};
  const record = decodeRecord(textField(annotations, recordAnnotation));
  const volumesAttached = record.kind === "absent" ? [] : volumesOf(objectField(value, "status"));
  const allocatable = objectField(objectField(value, "status") ?? {}, "allocatable");
  return {
    name,
    uid,
    resourceVersion,
    ready: isReady(objectField(value, "status")),
    unschedulable: objectField(value, "spec")?.["unschedulable"] === true,
    kubeletBoot: textField(objectField(objectField(value, "status") ?? {}, "nodeInfo") ?? {}, "bootID") ?? "",
    controlPlane: isControlPlane(labels),
    labels: textsOf(labels),
    taints: taintsOf(objectField(value, "spec")),
    record,
    report: decodeReport(textField(annotations, reportAnnotation)),
    ...(allocatable && { allocatable: quantities(allocatable) }),
    ...(volumesAttached.length > 0 && { volumesAttached }),
    ...(pause && { pause }),
    ...(hold && { hold }),
    ...(published !== undefined && { published }),
    ...(rebootInProgress !== undefined && { rebootInProgress }),
  };
}

function isReady(status: JsonObject | undefined): boolean {
  const conditions = status?.["conditions"];
  if (!Array.isArray(conditions)) return false;
  return conditions.some(
    (condition) => isJsonObject(condition) && condition["type"] === "Ready" && condition["status"] === "True",
  );
}

function volumesOf(status: JsonObject | undefined): readonly string[] {
  const volumes = status?.["volumesAttached"];
  if (!Array.isArray(volumes)) return [];
  return volumes.flatMap((volume) => (isJsonObject(volume) ? (textField(volume, "name") ?? []) : []));
}

function textsOf(object: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function taintsOf(spec: JsonObject | undefined): readonly JsonObject[] {
  const taints = spec?.["taints"];
  return Array.isArray(taints) ? taints.filter(isJsonObject) : [];
}

function isControlPlane(labels: JsonObject): boolean {
  return "node-role.kubernetes.io/control-plane" in labels || "node-role.kubernetes.io/master" in labels;
}

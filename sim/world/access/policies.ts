import type { AdmissionReview, Denial } from "../../apiserver/access.ts";
import { listAt, objectAt, sameJson, textAt, type Json, type JsonObject } from "../../apiserver/objects/json.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import { inProgressAnnotation, mostRecentAnnotation, verdictAnnotation } from "../../../src/core/fleet/node.ts";
import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { reportAnnotation } from "../../../src/core/fleet/report.ts";
import { installation } from "../installation.ts";
import { lockAnnotation } from "../network/acts.ts";
import type { Role } from "../processes/container.ts";

// The policies of chart/templates/policies.yaml, word for word where they speak, as the hook that stands for them.

/** Answers why one of the policies refuses a write of one of kured's daemons, or `undefined`. */
export function refusedByPolicy(
  review: AdmissionReview,
  { role, flags }: { readonly role: Role; readonly flags: readonly string[] },
): Denial | undefined {
  const [name, message] = verdictOf(review, { role, marks: marksOf(flags) });
  if (message === undefined) return undefined;
  return {
    message: `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${message}`,
    reason: "Forbidden",
    code: 403,
  };
}

type Said = readonly [policy: string, message: string | undefined];

function verdictOf(review: AdmissionReview, { role, marks }: { readonly role: Role; readonly marks: Marks }): Said {
  const { resource } = review;
  if (role === "agent" && resource === "nodes") return ["kured-agent", agentsWrite(review)];
  if (role !== "coordinator") return ["", undefined];
  if (resource === "nodes") return ["kured-coordinator-nodes", coordinatorsNode(review, marks)];
  if (resource === "daemonsets") return ["kured-coordinator-lock", coordinatorsLock(review)];
  if (resource === "leases") return ["kured-coordinator-lease", coordinatorsLease(review)];
  return ["", undefined];
}

/** In bytes. */
const reportLimit = 16_384;
const bookkeeping = ["managedFields", "resourceVersion"];

function agentsWrite(review: AdmissionReview): string | undefined {
  const update = updateIn(review);
  if (update === undefined) return "an agent of kured may update its own Node and do nothing else to nodes";
  const { after } = update;
  const [own = ""] = review.user.extra?.["authentication.kubernetes.io/node-name"] ?? [];
  if (after.metadata.name !== own)
    return `an agent of kured may change its own Node only: this token is of ${own === "" ? "no node" : `node ${own}`}`;
  const annotations = changed(annotationsIn(update), [reportAnnotation]);
  if (annotations.length > 0) return `an agent of kured may not change the annotation ${annotations.join(", ")}`;
  const metadata = changed(metadataIn(update), ["annotations", ...bookkeeping]);
  if (metadata.length > 0) return `an agent of kured may not change metadata.${metadata.join(", metadata.")}`;
  const parts = changed(update, ["metadata"]);
  if (parts.length > 0) return `an agent of kured may not change ${parts.join(", ")}`;
  const bytes = Buffer.byteLength(textAt(objectAt(after.metadata, "annotations"), reportAnnotation) ?? "");
  return bytes > reportLimit ? `a report of kured may have at most ${reportLimit} bytes, not ${bytes}` : undefined;
}

/** What the coordinator's flags let it write on Nodes besides its own annotations (chart/templates/_marks.tpl). */
interface Marks {
  readonly annotations: readonly string[];
  readonly labels: readonly string[];
  readonly taint: string | undefined;
}

function marksOf(flags: readonly string[]): Marks {
  const said = (name: string): readonly string[] =>
    flags.flatMap((flag) => (flag.startsWith(`--${name}=`) ? [flag.slice(name.length + 3)] : []));
  const annotates = said("annotate-nodes").some((value) => value !== "false");
  const labels = [...said("pre-reboot-node-labels"), ...said("post-reboot-node-labels")];
  return {
    annotations: annotates ? [mostRecentAnnotation, inProgressAnnotation] : [],
    labels: labels.flatMap((list) => list.split(",").map((label) => label.split("=")[0] ?? "")),
    taint: said("prefer-no-schedule-taint").at(-1),
  };
}

function coordinatorsNode(review: AdmissionReview, marks: Marks): string | undefined {
  const update = updateIn(review);
  if (update === undefined) return "kured's coordinator may update Nodes and do nothing else to nodes";
  const { before, after } = update;
  const own = [recordAnnotation, verdictAnnotation, ...marks.annotations];
  const annotations = changed(annotationsIn(update), own);
  if (annotations.length > 0) return `kured's coordinator may not change the annotation ${annotations.join(", ")}`;
  const hasLabels = marks.labels.length > 0;
  const labels = changed(
    { before: objectAt(before.metadata, "labels"), after: objectAt(after.metadata, "labels") },
    marks.labels,
  );
  if (hasLabels && labels.length > 0) return `kured's coordinator may not change the label ${labels.join(", ")}`;
  if (marks.taint !== undefined && !sameJson(otherTaints(before, marks.taint), otherTaints(after, marks.taint)))
    return `kured's coordinator may change no taint but ${marks.taint}`;
  const ownMetadata = ["annotations", ...bookkeeping, ...(hasLabels ? ["labels"] : [])];
  const metadata = changed(metadataIn(update), ownMetadata);
  if (metadata.length > 0) return `kured's coordinator may not change metadata.${metadata.join(", metadata.")}`;
  const ownSpec = ["unschedulable", ...(marks.taint === undefined ? [] : ["taints"])];
  const spec = changed({ before: objectAt(before, "spec"), after: objectAt(after, "spec") }, ownSpec);
  return spec.length > 0 ? `kured's coordinator may not change spec.${spec.join(", spec.")}` : undefined;
}

function otherTaints(node: KubeObject, own: string): readonly Json[] {
  return listAt(node, "spec", "taints").filter(
    (taint) => textAt(taint, "key") !== own || textAt(taint, "effect") !== "PreferNoSchedule",
  );
}

function coordinatorsLock(review: AdmissionReview): string | undefined {
  const { namespace, daemonSet } = installation;
  const update = updateIn(review);
  if (update === undefined || review.namespace !== namespace || review.name !== daemonSet)
    return `kured's coordinator may update the DaemonSet ${namespace}/${daemonSet} and do nothing else to DaemonSets`;
  const parts = changed(update, ["metadata"]);
  if (parts.length > 0) return `kured's coordinator may not change ${parts.join(", ")} of its DaemonSet`;
  const annotations = changed(annotationsIn(update), [lockAnnotation]);
  if (annotations.length > 0)
    return `kured's coordinator may not change the annotation ${annotations.join(", ")} of its DaemonSet`;
  const metadata = changed(metadataIn(update), ["annotations", ...bookkeeping]);
  return metadata.length > 0
    ? `kured's coordinator may not change metadata.${metadata.join(", metadata.")} of its DaemonSet`
    : undefined;
}

function coordinatorsLease({ operation, namespace, object }: AdmissionReview): string | undefined {
  const may = operation !== "DELETE" && namespace === installation.namespace && object?.metadata.name === "kured";
  const lease = `${installation.namespace}/kured`;
  return may ? undefined : `kured's coordinator may make and renew the Lease ${lease} and do nothing else to Leases`;
}

interface Update {
  readonly before: KubeObject;
  readonly after: KubeObject;
}

function updateIn({ operation, subresource, object, oldObject }: AdmissionReview): Update | undefined {
  if (operation !== "UPDATE" || subresource !== "" || object === undefined || oldObject === undefined) return undefined;
  return { before: oldObject, after: object };
}

/** The fields that are not as they were, both ways, but for those that may change. */
function changed({ before, after }: Maps, mayChange: readonly string[]): readonly string[] {
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keys].filter((key) => !mayChange.includes(key) && !sameJson(before[key], after[key]));
}

interface Maps {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

function annotationsIn({ before, after }: Update): Maps {
  return { before: objectAt(before.metadata, "annotations"), after: objectAt(after.metadata, "annotations") };
}

function metadataIn({ before, after }: Update): Maps {
  return { before: before.metadata, after: after.metadata };
}

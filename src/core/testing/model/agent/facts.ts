import type { PodFacts } from "../../../drain/pod.ts";
import { decodeRecord, recordAnnotation } from "../../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../../fleet/report.ts";
import { decodeRequest, holdAnnotation, inForce, pauseAnnotation } from "../../../fleet/request.ts";
import type { OwnNode } from "../../../host/view.ts";
import type { ModelNode } from "../node.ts";

/** Its Node as an agent reads it. */
export function ownNode(
  { name, uid, annotations }: ModelNode,
  { observedAtMs, wallMs }: { observedAtMs: number; wallMs: number },
): OwnNode {
  const record = decodeRecord(annotations[recordAnnotation]);
  return {
    name,
    uid,
    observedAtMs,
    report: decodeReport(annotations[reportAnnotation]),
    ...(record.kind === "record" && { record: { record: record.record, text: record.text } }),
    paused: inForce(decodeRequest(annotations[pauseAnnotation]), wallMs) !== undefined,
    held: inForce(decodeRequest(annotations[holdAnnotation]), wallMs) !== undefined,
  };
}

/** Whether the report on the Node says that a reboot was committed to in this boot. */
export function saysCommanded(node: ModelNode | undefined, boot: string): boolean {
  const report = decodeReport(node?.annotations[reportAnnotation]);
  return report.kind === "report" && report.report.commanded?.boot === boot;
}

/** The agent's pod as everybody sees it. */
export function agentPod(
  uid: string,
  { node, owner, ready }: { node: string; owner: string; ready: boolean },
): PodFacts {
  const [namespace = "", name = ""] = owner.split("/");
  return {
    namespace,
    name: uid,
    uid,
    nodeName: node,
    labels: {},
    phase: "Running",
    controller: { apiVersion: "apps/v1", kind: "DaemonSet", name, uid: "uid-kured" },
    mirror: false,
    hasEmptyDir: false,
    ready,
  };
}

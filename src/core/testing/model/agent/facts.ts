import type { PodFacts } from "../../../drain/pod.ts";
import { decodeReport, reportAnnotation } from "../../../fleet/report.ts";
import type { ModelNode } from "../node.ts";

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

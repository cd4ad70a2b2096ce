import type { JsonObject } from "../../json.ts";

/** A Node as the API server holds it; never changed, only replaced. */
export interface ModelNode {
  readonly name: string;
  readonly uid: string;
  readonly version: number;
  readonly ready: boolean;
  readonly readySinceMs: number;
  readonly unschedulable: boolean;
  readonly kubeletBoot: string;
  readonly controlPlane: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly JsonObject[];
}

/** The Node object as the API server sends it. */
export function nodeJson(node: ModelNode): unknown {
  const { name, uid, version, annotations, ready, unschedulable, kubeletBoot, controlPlane } = node;
  const labels = { ...node.labels, ...(controlPlane && { "node-role.kubernetes.io/control-plane": "" }) };
  return {
    metadata: { name, uid, resourceVersion: `${version}`, annotations, labels },
    spec: { ...(unschedulable && { unschedulable }), taints: node.taints },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }], nodeInfo: { bootID: kubeletBoot } },
  };
}

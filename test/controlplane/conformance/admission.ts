import type { Admission } from "../../../sim/apiserver/access.ts";
import type { KubeObject } from "../../../sim/apiserver/objects/object.ts";

// One policy for both servers: as the real one is told it, and as the hook that stands for it in the simulator.

/** Objects with this label are what the policies are about. */
export const policyLabel = "conformance.kured.dev/forbidden";
const says = "the label says so";

/** What an answer calls the refusal of a policy. */
export type Refusal = "Forbidden" | "Invalid";

/** The objects that make the real server refuse every write of an object with the label. */
export function policies(): readonly (KubeLike & { readonly spec: object })[] {
  return (["Forbidden", "Invalid"] as const).flatMap((reason) => {
    const name = nameOf(reason);
    const test = `has(object.metadata.labels) && '${policyLabel}' in object.metadata.labels && object.metadata.labels['${policyLabel}'] == '${reason}'`;
    const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] };
    return [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: { resourceRules: [{ ...rule, resources: ["nodes", "nodes/status", "configmaps"] }] },
          // Left out, the reason is Invalid: the way in which most policies are written.
          validations: [{ expression: `!(${test})`, message: says, ...(reason === "Forbidden" && { reason }) }],
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name, validationActions: ["Deny"] },
      },
    ];
  });
}

interface KubeLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** The same for the simulator. */
export const admit: Admission = ({ resource, object }) => {
  const reason = labelOf(object);
  if (!["nodes", "configmaps"].includes(resource) || (reason !== "Forbidden" && reason !== "Invalid")) return undefined;
  const name = nameOf(reason);
  return {
    message: `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${says}`,
    ...(reason === "Forbidden" && { reason, code: 403 }),
  };
};

function labelOf(object: KubeObject | undefined): unknown {
  const labels = object?.metadata["labels"];
  return typeof labels === "object" && labels !== null ? Reflect.get(labels, policyLabel) : undefined;
}

function nameOf(reason: Refusal): string {
  return `conformance-${reason.toLowerCase()}`;
}

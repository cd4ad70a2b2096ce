import type { AdmissionReview } from "../access.ts";
import type { Backend, Call } from "../call.ts";
import type { KubeObject } from "../objects/object.ts";
import { failure, qualified } from "../status.ts";

interface Write {
  readonly backend: Backend;
  readonly operation: AdmissionReview["operation"];
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
}

/** Asks the admission hook; throws what it denies, as a validating policy's 422 unless it says otherwise. */
export function admitted(call: Call, { backend, operation, object, oldObject }: Write): void {
  const { resource, user, subresource, name, namespace, dryRun } = call;
  const denial = backend.admission({
    user,
    operation,
    group: resource.group,
    resource: resource.plural,
    subresource,
    name,
    namespace,
    dryRun,
    ...(object && { object }),
    ...(oldObject && { oldObject }),
  });
  if (denial === undefined) return;
  throw failure(denial.code ?? 422, denial.reason ?? "Invalid", {
    message: `${qualified(resource)} "${name}" is forbidden: ${denial.message}`,
    details: {
      name,
      ...(resource.group !== "" && { group: resource.group }),
      kind: resource.plural,
      causes: [{ message: denial.message }],
    },
  });
}

import { describeFailure, type Failure } from "../kube/answers.ts";

/**
 * Why our DaemonSet could not be read or written, as a sentence without a full stop. Where a right is missing it names
 * the whole rule, ready to be pasted: roles of kured up to 1.2 grant DaemonSets in an API group that no server has.
 */
export function ledgerFailure(failure: Failure): string {
  const reason = describeFailure(failure);
  return failure.kind === "forbidden" ? `${reason}; add to the rules of its ClusterRole: ${rule}` : reason;
}

const rule = "- {apiGroups: [apps], resources: [daemonsets], verbs: [get, update]}";

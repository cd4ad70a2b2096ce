/** Any object of Kubernetes, as far as every one is alike. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** Points at one object; an object itself will do. The kind must be one of `GROUPS`. */
export interface Ref {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Which objects to list; without a namespace those of all. */
export interface Selection {
  readonly kind: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ObjectList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly T[];
}

/** The kinds that the tests touch, with the API that serves them. */
const GROUPS: Readonly<Record<string, string>> = {
  ConfigMap: "v1",
  Event: "v1",
  Namespace: "v1",
  Node: "v1",
  PersistentVolume: "v1",
  PersistentVolumeClaim: "v1",
  ReplicationController: "v1",
  Pod: "v1",
  Secret: "v1",
  Service: "v1",
  ServiceAccount: "v1",
  ControllerRevision: "apps/v1",
  DaemonSet: "apps/v1",
  Deployment: "apps/v1",
  ReplicaSet: "apps/v1",
  StatefulSet: "apps/v1",
  Job: "batch/v1",
  Lease: "coordination.k8s.io/v1",
  PodDisruptionBudget: "policy/v1",
  ClusterRole: "rbac.authorization.k8s.io/v1",
  ClusterRoleBinding: "rbac.authorization.k8s.io/v1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
  PriorityClass: "scheduling.k8s.io/v1",
  SubjectAccessReview: "authorization.k8s.io/v1",
  TokenReview: "authentication.k8s.io/v1",
  ValidatingAdmissionPolicy: "admissionregistration.k8s.io/v1",
  ValidatingAdmissionPolicyBinding: "admissionregistration.k8s.io/v1",
  ValidatingWebhookConfiguration: "admissionregistration.k8s.io/v1",
  FlowSchema: "flowcontrol.apiserver.k8s.io/v1",
  PriorityLevelConfiguration: "flowcontrol.apiserver.k8s.io/v1",
  VolumeAttachment: "storage.k8s.io/v1",
};

/** The path under which the API server serves an object, or with `name: false` the collection that it is in. */
export function resourcePath({ kind, metadata }: Ref, { name = true }: { readonly name?: boolean } = {}): string {
  const group = GROUPS[kind];
  if (group === undefined) throw new Error(`The tests know no kind ${kind}: add it to GROUPS`);
  const root = group === "v1" ? "/api/v1" : `/apis/${group}`;
  const scope = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  const collection = `${root}${scope}/${plural(kind)}`;
  return name ? `${collection}/${metadata.name}` : collection;
}

function plural(kind: string): string {
  const word = kind.toLowerCase();
  if (word.endsWith("y")) return `${word.slice(0, -1)}ies`;
  return word.endsWith("s") ? `${word}es` : `${word}s`;
}

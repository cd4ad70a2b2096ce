import {
  disruptionBudget,
  pod,
  type BudgetOptions,
  type PodObject,
  type PodOptions,
} from "../../controlplane/objects.ts";
import { resourcePath, type KubeObject, type OwnerReference } from "../../controlplane/resources.ts";
import { createAll, waitFor } from "../../controlplane/waits.ts";
import type { Twin } from "./scene.ts";

/** A pod on the twin's node that is ready; its name is its label `app`. */
export async function addPod(twin: Twin, app: string, options: PodOptions = {}): Promise<void> {
  const { node, namespace } = twin;
  const labels = { app, ...options.labels };
  await twin.admin.create(pod({ name: app, namespace, node, ...options, labels }));
  await untilReady(twin, options.name ?? app);
}

async function untilReady({ admin, namespace, signal }: Twin, name: string): Promise<void> {
  const ready = async (): Promise<boolean> => {
    const { status } = await admin.get<PodObject>({ kind: "Pod", metadata: { name, namespace } });
    return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
  };
  await waitFor(`pod ${name} to be ready`, ready, { signal });
}

export async function addPods(twin: Twin, apps: readonly string[], options: PodOptions = {}): Promise<void> {
  for (const app of apps) await addPod(twin, app, options);
}

export async function setPodStatus({ admin, namespace }: Twin, name: string, status: object): Promise<void> {
  await admin.patch({ kind: "Pod", metadata: { name, namespace } }, { status }, { subresource: "status" });
}

export const unready = { conditions: [{ type: "Ready", status: "False" }] };

/** Tries again while something forbids it. */
export async function deletePod({ admin, namespace, signal }: Twin, name: string): Promise<void> {
  const path = resourcePath({ kind: "Pod", metadata: { name, namespace } });
  const accepted = async (): Promise<boolean> => [200, 404].includes((await admin.send("DELETE", path)).status);
  await waitFor(`pod ${name} to be deleted`, accepted, { signal });
}

interface Counted {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed?: number;
    readonly conditions?: readonly { readonly reason?: string }[];
  };
}

/** A budget for the pods of its name, once its controller has said what it allows. */
export async function addBudget(
  twin: Twin,
  { spec = {}, ...options }: BudgetOptions & { readonly allows: number; readonly spec?: object },
): Promise<void> {
  const { admin, namespace, signal } = twin;
  const made = disruptionBudget({ namespace, ...options });
  const budget = { ...made, spec: { ...made.spec, ...spec } };
  await createAll(admin, [budget]);
  const counted = async (): Promise<boolean> => {
    const { status } = await admin.get<KubeObject & Counted>(budget);
    return status?.observedGeneration === 1 && status.disruptionsAllowed === options.allows;
  };
  await waitFor(`budget ${budget.metadata.name} to allow ${options.allows}`, counted, { signal });
}

/** For `addPod`: of a controller of a kind that this cluster does not serve. */
export const ofRobot: PodOptions = { metadata: { ownerReferences: [ownedBy("Robot", "example.com/v1")] } };

/** A reference to a controller that is not there under this uid. */
export function ownedBy(kind: string, apiVersion = "apps/v1", name = "robot"): OwnerReference {
  return { apiVersion, kind, name, uid: "00000000-0000-4000-8000-000000000000", controller: true };
}

/** A budget for one pod of that name which wants a share of a number that nobody knows. */
export async function uncountableBudget({ admin, namespace, signal }: Twin, name: string): Promise<void> {
  const budget = disruptionBudget({ name, namespace, maxUnavailable: "50%" });
  await createAll(admin, [budget]);
  const tried = async (): Promise<boolean> => {
    const { status } = await admin.get<KubeObject & Counted>(budget);
    return status?.conditions?.some(({ reason }) => reason === "SyncFailed") ?? false;
  };
  await waitFor(`budget ${name} not to be counted`, tried, { signal });
}

/** Its status says that it was counted, and that more pods than the API server bears were evicted since. */
export async function pretendEvictions({ admin, namespace }: Twin, name: string): Promise<void> {
  const at = new Date().toISOString();
  const disruptedPods = Object.fromEntries(Array.from({ length: 2_001 }, (_, index) => [`pod-${index}`, at]));
  const status = { observedGeneration: 1, disruptedPods };
  const budget = { kind: "PodDisruptionBudget", metadata: { name, namespace } };
  await admin.patch(budget, { status }, { subresource: "status" });
}

export async function changeBudget({ admin, namespace }: Twin, name: string, spec: object): Promise<void> {
  await admin.patch({ kind: "PodDisruptionBudget", metadata: { name, namespace } }, { spec });
}

export async function removeBudget({ admin, namespace }: Twin, name: string): Promise<void> {
  await admin.delete({ kind: "PodDisruptionBudget", metadata: { name, namespace } });
}

/** Makes pods of this finalizer stay until `letGo`, although kwok takes the finalizers off whatever is deleted. */
export async function keepFinalizers({ admin, namespace, signal }: Twin, one: string): Promise<void> {
  const hasIt = (object: string): string => `'${finalizer}' in ${object}.metadata.?finalizers.orValue([])`;
  const letGoNow = `'${mayGo}' in object.metadata.?annotations.orValue({})`;
  const expression = `!(${hasIt("oldObject")}) || ${hasIt("object")} || ${letGoNow}`;
  await createAll(admin, policyOn(namespace, { of: "finalizers", operation: "UPDATE", resource: "pods", expression }));
  const path = `${resourcePath({ kind: "Pod", metadata: { name: one, namespace } })}?dryRun=All`;
  const contentType = "application/merge-patch+json";
  const refused = async (): Promise<boolean> =>
    (await admin.send("PATCH", path, { body: { metadata: { finalizers: null } }, contentType })).status === 422;
  await waitFor("finalizers to be kept", refused, { signal });
}

/** For `addPod`: it is still there after its end. */
export const lingering: PodOptions = { metadata: { finalizers: ["test.kured.dev/lingers"] } };

const [finalizer, mayGo] = ["test.kured.dev/lingers", "test.kured.dev/may-go"];

/** One pod, `first`, that is still there after its end. */
export async function lingeringPod(twin: Twin): Promise<void> {
  await addPod(twin, "first", lingering);
  await keepFinalizers(twin, "first");
}

/** Lets a pod with the finalizer go. */
export async function letGo({ admin, namespace }: Twin, name: string): Promise<void> {
  const metadata = { annotations: { [mayGo]: "" }, finalizers: null };
  await admin.patch({ kind: "Pod", metadata: { name, namespace } }, { metadata });
}

export interface AdmissionRule {
  readonly of: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly resource: string;
  /** In CEL: what is allowed. */
  readonly expression: string;
  readonly message?: string;
}

/** A ValidatingAdmissionPolicy on one namespace, and its binding. */
export function policyOn(name: string, rule: AdmissionRule): readonly KubeObject[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: `${name}-${rule.of}` };
  const { expression, message = "not here" } = rule;
  const matchConstraints = { resourceRules: [ruleOn(rule)], namespaceSelector: selectorOf(name) };
  const validations = [{ expression, message, reason: rule.of === "finalizers" ? "Invalid" : "Forbidden" }];
  const binding = { policyName: metadata.name, validationActions: ["Deny"] };
  const policy = (kind: string, spec: object): KubeObject => Object.assign({ apiVersion, kind, metadata }, { spec });
  return [
    policy("ValidatingAdmissionPolicy", { matchConstraints, validations }),
    policy("ValidatingAdmissionPolicyBinding", binding),
  ];
}

/** Of admission: this operation on this resource of the core API. */
export function ruleOn({ operation, resource }: Pick<AdmissionRule, "operation" | "resource">): object {
  return { apiGroups: [""], apiVersions: ["v1"], operations: [operation], resources: [resource] };
}

/** Of admission: this namespace alone. */
export function selectorOf(namespace: string): object {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}

/** What the API server says to a rehearsal of an eviction, which changes nothing; `as` somebody else, where given. */
export async function rehearsed(
  { admin, namespace }: Twin,
  name: string,
  { as }: { readonly as?: string } = {},
): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const metadata = { name, namespace };
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata, deleteOptions: { dryRun: ["All"] } };
  const headers = as === undefined ? {} : { "impersonate-user": as };
  return (await admin.send("POST", path, { body, headers })).status;
}

/** Forbids something in the twin's namespace, which holds already; evictions of `pod` show it. */
export async function forbid(
  twin: Twin,
  { pod: name, ...rule }: Omit<AdmissionRule, "expression"> & { readonly pod: string },
): Promise<void> {
  const { admin, namespace, signal } = twin;
  await createAll(admin, policyOn(namespace, { ...rule, expression: "false", message: "not while it is forbidden" }));
  const path = `${resourcePath({ kind: "Pod", metadata: { name, namespace } })}?dryRun=All`;
  const refused = async (): Promise<boolean> => {
    if (rule.operation === "DELETE") return (await admin.send("DELETE", path)).status === 403;
    return (await rehearsed(twin, name)) === 403;
  };
  await waitFor(`${rule.of} to be forbidden`, refused, { signal });
}

/** The garbage collector may not delete pods of owners that are not there. */
export async function keepOrphans({ admin, namespace, signal }: Twin): Promise<void> {
  const collector = "system:serviceaccount:kube-system:generic-garbage-collector";
  const expression = `request.userInfo.username != '${collector}'`;
  await createAll(admin, policyOn(namespace, { of: "orphans", operation: "DELETE", resource: "pods", expression }));
  const probe = pod({ name: "probe", namespace, node: "nowhere" });
  await admin.create(probe);
  const headers = { "impersonate-user": collector };
  const refused = async (): Promise<boolean> =>
    (await admin.send("DELETE", `${resourcePath(probe)}?dryRun=All`, { headers })).status === 403;
  await waitFor("orphans to be kept", refused, { signal });
  await admin.delete(probe, { gracePeriodSeconds: 0 });
}

/** Deletes the twin's namespace, of whose pods not even the namespace's controller may delete any. */
export async function holdNamespace(twin: Twin, one: string): Promise<void> {
  const { admin, namespace, signal } = twin;
  await forbid(twin, { of: "deletions", operation: "DELETE", resource: "pods", pod: one });
  await admin.delete({ kind: "Namespace", metadata: { name: namespace } });
  const refused = async (): Promise<boolean> => (await rehearsed(twin, one)) === 403;
  await waitFor(`namespace ${namespace} to be terminating`, refused, { signal });
}

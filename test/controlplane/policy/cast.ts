import { createClient, type TestClient } from "../client.ts";
import { startCluster, type Cluster } from "../cluster.ts";
import { readManifest, type ManifestName } from "../manifests.ts";
import { deployment, fakeNode, pod, type PodObject } from "../objects.ts";
import { resourcePath, type KubeObject } from "../resources.ts";
import { agentPod, createAll, createNodes, waitFor, waitForPods } from "../waits.ts";
import { attempt, rehearsed, type Attempt, type PolicyName } from "./attempts.ts";
import { LEASES, RECORD, REPORT, annotate, lease, putDaemonSet } from "./requests.ts";

/** A cluster with manifests/coordinated.yaml in it, and everybody who wants something from it. */
export interface Cast {
  readonly cluster: Cluster;
  readonly admin: TestClient;
  /** With the token of the agent's pod on n1. */
  readonly agent: TestClient;
  /** With that of the one on n2. */
  readonly neighbour: TestClient;
  /** With a token of the agent's account that belongs to no pod. */
  readonly strayAgent: TestClient;
  readonly coordinator: TestClient;
  /** With the client certificate of the kubelet on n1. */
  readonly kubelet: TestClient;
  /** With that of one whose node is not there yet. */
  readonly newKubelet: TestClient;
  /** A service account that may write Nodes, as many an add-on may. */
  readonly addOn: TestClient;
  /** A person who may write Nodes. */
  readonly person: TestClient;
  /** A classic kured, with the account of manifests/classic.yaml. */
  readonly classic: TestClient;
  /** A pod in `default` on one of the nodes, to be evicted. */
  readonly victim: string;
  /** The pods of the agents on n1 and n2, and of the coordinator on n2. */
  readonly pods: Readonly<Record<"agent" | "neighbour" | "coordinator", PodObject>>;
  /** What a server-side dry run said of each object of each manifest, before anything was installed. */
  readonly dryRuns: readonly DryRun[];
  stop(): Promise<void>;
}

export interface DryRun {
  readonly manifest: ManifestName;
  /** `Kind name`. */
  readonly object: string;
  readonly status: number;
  readonly text: string;
}

/** Resolves when every policy has refused something once. */
export async function startCast(signal: AbortSignal): Promise<Cast> {
  const cluster = await startCluster({ signal, log: (line) => console.log(line) });
  try {
    return await gather(cluster, signal);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function gather(cluster: Cluster, signal: AbortSignal): Promise<Cast> {
  const { admin } = cluster;
  const dryRuns = [...(await dryRun(admin, "classic")), ...(await dryRun(admin, "coordinated"))];
  await createNodes(admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2" })], { signal });
  await createAll(admin, readManifest("coordinated"));
  // The DaemonSet has the same name in both.
  await createAll(
    admin,
    readManifest("classic").filter(({ kind }) => kind !== "DaemonSet"),
  );
  await createAll(admin, [...nodeWriters(), secret("kube-system"), secret("default"), lease("kured"), lease("other")]);
  // `near` is on the thief's node and reads the secret, `lonely` is on the other one.
  const volumes = [{ name: "secret", secret: { secretName: "secret" } }];
  const near = pod({ name: "near", node: "n1", pod: { volumes } });
  const said = { [REPORT]: "said" };
  for (const name of ["n1", "n2"]) await attempt(admin, annotate(name, said));
  await createAll(admin, [deployment(), near, pod({ name: "lonely", node: "n2" })]);

  const clientOf = async (serviceAccount: string, owner?: PodObject): Promise<TestClient> => {
    const bound = owner && { pod: { name: owner.metadata.name, uid: owner.metadata.uid ?? "" } };
    return cluster.clientFor({
      token: await admin.requestToken({ namespace: "kube-system", serviceAccount, ...bound }),
    });
  };
  const certified = (commonName: string, ...organizations: readonly string[]): TestClient => {
    const credentials = { kind: "certificate" as const, ...cluster.pki.issue({ commonName, organizations }) };
    return createClient({ server: cluster.server, authority: cluster.pki.authority.certificate, credentials, signal });
  };
  const pods = {
    agent: await agentPod(admin, { node: "n1", signal }),
    neighbour: await agentPod(admin, { node: "n2", signal }),
    coordinator: await agentPod(admin, { node: "n2", name: "kured-coordinator", signal }),
  };
  const clients = {
    agent: await clientOf("kured-agent", pods.agent),
    neighbour: await clientOf("kured-agent", pods.neighbour),
    strayAgent: await clientOf("kured-agent"),
    coordinator: await clientOf("kured-coordinator"),
    addOn: await clientOf("add-on"),
    classic: await clientOf("kured"),
    kubelet: certified("system:node:n1", "system:nodes"),
    newKubelet: certified("system:node:n9", "system:nodes"),
    person: certified("ann"),
  };
  const [victim] = await waitForPods(admin, { labelSelector: "app=web", count: 2, signal });
  await untilInForce({ admin, ...clients }, signal);
  return {
    ...clients,
    cluster,
    admin,
    dryRuns,
    victim: victim?.metadata.name ?? "",
    pods,
    stop: async () => {
      for (const client of Object.values(clients)) client.close();
      await cluster.stop();
    },
  };
}

async function dryRun(admin: TestClient, manifest: ManifestName): Promise<readonly DryRun[]> {
  const objects = readManifest(manifest);
  return await Promise.all(
    objects.map(async (object) => {
      const path = `${resourcePath(object, { name: false })}?dryRun=All&fieldValidation=Strict`;
      return {
        manifest,
        object: `${object.kind} ${object.metadata.name}`,
        ...(await admin.send("POST", path, { body: object })),
      };
    }),
  );
}

/** A policy acts some moments after it was created: until each has refused something once, nothing is proven. */
async function untilInForce(
  who: Pick<Cast, "admin" | "agent" | "coordinator" | "kubelet" | "addOn">,
  signal: AbortSignal,
): Promise<void> {
  const forged = { [RECORD]: "forged", [REPORT]: "forged" };
  const relabelled = await putDaemonSet(who.admin, { metadata: { labels: { forged: "yes" } } });
  const probes: Readonly<Record<PolicyName, readonly [TestClient, Attempt]>> = {
    "kured-agent": [who.agent, annotate("n2", forged)],
    "kured-coordinator-lease": [who.coordinator, { verb: "POST", path: LEASES, body: lease("forged") }],
    "kured-coordinator-lock": [who.coordinator, relabelled],
    "kured-coordinator-nodes": [who.coordinator, annotate("n2", forged)],
    "kured-kubelets": [who.kubelet, annotate("n1", forged)],
    "kured-other-accounts": [who.addOn, annotate("n2", forged)],
  };
  for (const [policy, [client, wanted]] of Object.entries(probes)) {
    const refused = async (): Promise<boolean> => {
      const { status, text } = await attempt(client, rehearsed(wanted));
      return status === 403 && text.includes(`'${policy}'`);
    };
    await waitFor(`the policy ${policy} to be in force`, refused, { signal });
  }
}

function secret(namespace: string): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "secret", namespace } };
}

/** The add-on and the person: both may write Nodes and their status. */
function nodeWriters(): readonly KubeObject[] {
  const apiGroup = "rbac.authorization.k8s.io";
  const common = { apiVersion: `${apiGroup}/v1`, metadata: { name: "node-writer" } };
  const verbs = ["get", "patch", "create", "delete"];
  const role = {
    ...common,
    kind: "ClusterRole",
    rules: [{ apiGroups: [""], resources: ["nodes", "nodes/status"], verbs }],
  };
  const binding = {
    ...common,
    kind: "ClusterRoleBinding",
    roleRef: { apiGroup, kind: "ClusterRole", name: "node-writer" },
    subjects: [
      { kind: "ServiceAccount", name: "add-on", namespace: "kube-system" },
      { kind: "User", apiGroup, name: "ann" },
    ],
  };
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "add-on", namespace: "kube-system" } };
  return [account, role, binding];
}

import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../controlplane/resources.ts";
import { createAll, waitFor } from "../../controlplane/waits.ts";
import type { Twin } from "./scene.ts";
import { rehearsed } from "./things.ts";
import { serveWebhook, type Served } from "./webhook.ts";

/**
 * From now on API priority and fairness has no room for the drainer's evictions in its namespace and answers 429. A
 * priority level without any seat still serves one request at a time, so another request takes that place: the creation
 * of a ConfigMap, on which a webhook thinks for as long as the API server lets it.
 */
export async function throttleEvictions(twin: Twin, pod: string): Promise<void> {
  const { admin, namespace, user, signal } = twin;
  const metadata = { name: namespace };
  const limited = {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
    borrowingLimitPercent: 0,
    limitResponse: { type: "Reject" },
  };
  let thinksMs = 500;
  const answer: Served["answer"] = (_uid, response) => void setTimeout(() => response.destroy(), thinksMs).unref();
  await serveWebhook(twin, { resource: "configmaps", answer });
  await createAll(admin, [
    occupantRights(namespace),
    flowControl("PriorityLevelConfiguration", namespace, { type: "Limited", limited }),
    flowControl("FlowSchema", namespace, {
      priorityLevelConfiguration: metadata,
      matchingPrecedence: 100,
      rules: [creations(namespace, user, "pods/eviction"), creations(namespace, occupant, "configmaps")],
    }),
  ]);
  occupy(twin).catch(() => undefined);
  const refused = async (): Promise<boolean> => (await rehearsed(twin, pod, { as: user })) === 429;
  await waitFor("the API server to be too busy", refused, { signal });
  // What came before the priority level was there has a place elsewhere. From now on it is not given up.
  thinksMs = 60_000;
  await sleep(1_000, undefined, { signal });
  await waitFor("the API server to be too busy", refused, { signal });
}

/** There is room again. */
export async function endThrottling({ admin, namespace }: Twin): Promise<void> {
  await admin.delete({ kind: "FlowSchema", metadata: { name: namespace } });
}

const occupant = "occupant";

function flowControl(kind: string, name: string, spec: object): KubeObject {
  return Object.assign({ apiVersion: "flowcontrol.apiserver.k8s.io/v1", kind, metadata: { name } }, { spec });
}

function creations(namespace: string, name: string, resource: string): object {
  const rule = { verbs: ["create"], apiGroups: [""], resources: [resource], namespaces: [namespace] };
  return { subjects: [{ kind: "User", user: { name } }], resourceRules: [rule] };
}

/** Not those of the group of administrators, for whom there is always room. */
function occupantRights(namespace: string): KubeObject {
  const apiGroup = "rbac.authorization.k8s.io";
  const roleRef = { apiGroup, kind: "ClusterRole", name: "cluster-admin" };
  const subjects = [{ apiGroup, kind: "User", name: occupant }];
  const binding = { apiVersion: `${apiGroup}/v1`, kind: "RoleBinding", metadata: { name: occupant, namespace } };
  return Object.assign(binding, { roleRef, subjects });
}

/** Asks for the only place again and again, until the scene is over. */
async function occupy({ admin, namespace, signal, atEnd }: Twin): Promise<void> {
  let over = false;
  atEnd(async () => void (over = true));
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "occupied", namespace } };
  const headers = { "impersonate-user": occupant };
  while (!over) {
    await admin.send("POST", path, { body, headers }).catch(() => undefined);
    await sleep(20, undefined, { signal }).catch(() => (over = true));
  }
}

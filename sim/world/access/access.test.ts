import assert from "node:assert/strict";
import { test } from "node:test";
import { agentAttempts } from "../../../test/controlplane/policy/agent-attempts.ts";
import { attempt, type Attempt } from "../../../test/controlplane/policy/attempts.ts";
import type { Cast } from "../../../test/controlplane/policy/cast.ts";
import { coordinatorAttempts } from "../../../test/controlplane/policy/coordinator-attempts.ts";
import { lease } from "../../../test/controlplane/policy/requests.ts";
import type { TestClient } from "../../../test/controlplane/client.ts";
import { readManifest } from "../../../test/controlplane/manifests.ts";
import { resourcePath } from "../../../test/controlplane/resources.ts";
import { rig, type Rig } from "../../apiserver/fronts/rig.ts";
import type { User } from "../../apiserver/access.ts";
import type { Json } from "../../apiserver/objects/json.ts";
import { adminUser } from "../../cluster/admin.ts";
import { Cluster } from "../../cluster/cluster.ts";
import { guardOf } from "./guard.ts";
import { rightsOf, type Grant } from "./rights.ts";

// The guard of the simulator's worlds against what is really installed: its rights are those of the manifests, and its
// policies say the same as the real API server's to the same attempts (test/controlplane/policy).

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

for (const [role, manifest, name] of [
  ["classic", "classic", "kured"],
  ["agent", "coordinated", "kured-agent"],
  ["coordinator", "coordinated", "kured-coordinator"],
] as const) {
  test(`a simulated ${role} has just the rights of manifests/${manifest}.yaml`, () => {
    const roles = readManifest(manifest).filter(
      ({ kind, metadata }) => kind.endsWith("Role") && metadata.name === name,
    ) as readonly unknown[] as readonly Role[];
    assert.ok(roles.length > 0);
    assert.deepEqual(told(rightsOf(role, [])), told(roles.flatMap(grantsOf)));
  });
}

function grantsOf({ metadata, rules }: Role): readonly Grant[] {
  const { namespace } = metadata;
  return rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.map((name) => ({
          group,
          resource,
          verbs,
          ...(name !== undefined && { name }),
          ...(namespace !== undefined && { namespace }),
        })),
      ),
    ),
  );
}

function told(grants: readonly Grant[]): readonly string[] {
  return grants
    .flatMap(({ group, resource, verbs, name, namespace }) =>
      verbs.map((verb) => `${verb} ${group}/${resource} ${name ?? "all"} in ${namespace ?? "all"}`),
    )
    .toSorted();
}

/** What this server has no kinds, or no heads, for. */
const unknownHere = /secrets|\/token$|rbac\.authorization|admissionregistration/;

for (const { thief, by, rows } of [...agentAttempts, ...coordinatorAttempts])
  for (const [what, wanted, { says = "" } = {}] of rows) {
    const { path, headers } = await wanted(castOf(stage()));
    if (unknownHere.test(path) || headers !== undefined) continue;
    test(`the guard of simulated worlds refuses as the real API server does: ${thief} may not ${what}`, async () => {
      const cast = castOf(stage());
      const made = await wanted(cast);
      const { status, text } = await attempt(cast[thief], made);
      assert.equal(status, by === "API validation" ? 422 : 403, `${made.verb} ${made.path}: ${text}`);
      const { message } = JSON.parse(text) as { readonly message: string };
      if (by.startsWith("kured-")) assert.match(message, new RegExp(`ValidatingAdmissionPolicy '${by}'`));
      assert.ok(message.includes(says), `"${says}" is not in: ${message}`);
      if (by !== "API validation") await assertTwin(cast, made);
    });
  }

/** The administrator's very same request goes through, so that it is not refused for a slip of the pen. */
async function assertTwin(cast: Cast, made: Attempt): Promise<void> {
  const { status, text } = await attempt(cast.admin, made);
  assert.ok(status < 300, `the administrator's ${made.verb} ${made.path}: ${status} ${text}`);
}

/** A cluster with kured's objects, two nodes and a pod. */
function stage(): Rig {
  const here = rig(guardOf([]));
  const cluster = new Cluster({ server: here.server, clock: () => Date.UTC(2026, 0, 1, 12) });
  for (const name of ["n1", "n2"])
    cluster.addNode(name, { annotations: { "kured.dev/report": "said", "kwok.x-k8s.io/node": "fake" } });
  cluster.addDaemonSet("kured", { namespace: "kube-system" });
  cluster.addWorkload("kured-coordinator", { replicas: 0, namespace: "kube-system" });
  cluster.admin.create("/api/v1/namespaces/default/pods", {
    metadata: { name: "lonely" },
    spec: { nodeName: "n2", containers: [{ name: "main", image: "web" }] },
  });
  for (const name of ["kured", "other"])
    cluster.admin.create("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", lease(name) as never);
  return here;
}

function castOf(here: Rig): Cast {
  const extra = (node: string) => ({ extra: { "authentication.kubernetes.io/node-name": [node] } });
  const pods = { agent: { metadata: {} }, neighbour: { metadata: {} } };
  const cast: Partial<Record<keyof Cast, unknown>> = {
    admin: clientOf(here, adminUser),
    agent: clientOf(here, { name: "agent/n1/kured-1", ...extra("n1") }),
    strayAgent: clientOf(here, { name: "agent/n1/kured-1" }),
    coordinator: clientOf(here, { name: "coordinator/n2/kured-coordinator-1", ...extra("n2") }),
    pods,
  };
  return cast as unknown as Cast;
}

/** As much of a client as attempts need. */
function clientOf(here: Rig, user: User): TestClient {
  const send: TestClient["send"] = async (method, path, { body, contentType = "application/json" } = {}) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const request = { method: method as "GET", path, headers: { "content-type": contentType }, ...text };
    const answer = here.server.handle(request, { user });
    return { status: answer.status, text: answer.kind === "watch" ? "" : answer.body };
  };
  const get = async (ref: Parameters<typeof resourcePath>[0]): Promise<Json> =>
    JSON.parse((await send("GET", resourcePath(ref))).text) as Json;
  return { send, get } as unknown as TestClient;
}

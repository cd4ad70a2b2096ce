import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { objectOf, readManifest } from "./manifests.ts";
import { agentCases } from "./policy/agent.ts";
import { POLICIES } from "./policy/attempts.ts";
import { startCast, type Cast } from "./policy/cast.ts";
import { coordinatorCases } from "./policy/coordinator.ts";
import { openRightsCase, othersCases } from "./policy/others.ts";
import { namespace, type WorkloadObject } from "./objects.ts";
import type { KubeObject } from "./resources.ts";
import { createAll, waitFor } from "./waits.ts";

// The manifests on a real API server, and what can be done with the credentials of each part of an installation: each
// attempt has its legitimate twin that succeeds, and each refusal names the layer that refused.

const ending = new AbortController();
const { signal } = ending;
let started: Cast | undefined;

before(async () => {
  started = await startCast(signal);
});

after(async () => {
  await started?.stop();
  ending.abort(new Error("The suite is over"));
});

function cast(): Cast {
  assert.ok(started);
  return started;
}

test("the API server takes every object of every manifest and knows all their fields", () => {
  const { dryRuns } = cast();
  assert.deepEqual(
    dryRuns.filter(({ status }) => status !== 201),
    [],
  );
  const count = readManifest("classic").length + readManifest("coordinated").length;
  assert.equal(dryRuns.length, count);
});

test("no expression of a policy is wrong about the types of what it is told", async () => {
  interface Policy extends KubeObject {
    readonly status?: { readonly typeChecking?: { readonly expressionWarnings?: readonly object[] } };
  }
  const policies = await waitFor(
    "the policies to be type-checked",
    async () => {
      const found = await cast().admin.list<Policy>({ kind: "ValidatingAdmissionPolicy" });
      return found.every(({ status }) => status?.typeChecking !== undefined) && found;
    },
    { signal },
  );
  assert.deepEqual(policies.map(({ metadata }) => metadata.name).sort(), POLICIES);
  assert.deepEqual(
    policies.flatMap(({ status }) => status?.typeChecking?.expressionWarnings ?? []),
    [],
  );
});

test("a coordinator's pod fits the restricted Pod Security Standard, and an agent's does not", async () => {
  const { admin } = cast();
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const restricted = namespace("restricted");
  await createAll(admin, [{ ...restricted, metadata: { ...restricted.metadata, labels } }]);
  await admin.create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "kured-agent", namespace: "restricted" },
  });
  await admin.create({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "kured-coordinator", namespace: "restricted" },
  });
  const create = (kind: string, name: string) =>
    admin.send("POST", "/api/v1/namespaces/restricted/pods?dryRun=All", { body: podOf(kind, name) });
  const coordinator = await create("Deployment", "kured-coordinator");
  assert.equal(coordinator.status, 201, coordinator.text);
  const agent = await create("DaemonSet", "kured");
  assert.equal(agent.status, 403, agent.text);
  assert.match(agent.text, /violates PodSecurity/);
});

function podOf(kind: string, name: string): object {
  const { spec } = objectOf<WorkloadObject>(readManifest("coordinated"), { kind, name });
  const template = spec["template"] as { readonly metadata: object; readonly spec: object };
  return { apiVersion: "v1", kind: "Pod", metadata: { ...template.metadata, name }, spec: template.spec };
}

agentCases(cast);
coordinatorCases(cast);
othersCases(cast);
openRightsCase(cast, signal);

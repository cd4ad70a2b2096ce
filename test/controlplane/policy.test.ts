import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { objectOf, readManifest, type ManifestName } from "./manifests.ts";
import { agentCases } from "./policy/agent.ts";
import { POLICIES } from "./policy/attempts.ts";
import { startCast, type Cast } from "./policy/cast.ts";
import { coordinatorCases } from "./policy/coordinator.ts";
import { attempts, readDocument } from "./policy/document.ts";
import { accepted } from "./policy/other-attempts.ts";
import { openRightsCase, othersCases } from "./policy/others.ts";
import { testAccepted, testRefusals } from "./policy/table.ts";
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

test("a coordinator's pod fits the restricted Pod Security Standard, and an agent's lacks no more than its way to reboot needs", async () => {
  const { admin } = cast();
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const restricted = namespace("restricted");
  await createAll(admin, [{ ...restricted, metadata: { ...restricted.metadata, labels } }]);
  for (const name of ["kured", "kured-agent", "kured-coordinator"]) {
    await admin.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "restricted" } });
  }
  const violations = async (...of: Parameters<typeof podOf>): Promise<readonly string[]> => {
    const path = "/api/v1/namespaces/restricted/pods?dryRun=All&fieldValidation=Strict";
    const { status, text } = await admin.send("POST", path, { body: podOf(...of) });
    if (status === 201) return [];
    const { message } = JSON.parse(text) as { readonly message: string };
    const [, listed = message] = /violates PodSecurity "restricted:latest": (.*)$/.exec(message) ?? [];
    return listed.split(/, (?=[^()]*(?:\(|$))/).map((one) => one.replace(/ \(.*/, ""));
  };
  assert.deepEqual(await violations("coordinated", { kind: "Deployment", name: "kured-coordinator" }), []);
  const bySignal = await violations("classic-signal", { kind: "DaemonSet", name: "kured" });
  // PID 1 is seen in its namespace and told by a signal, for which one must be its user; the sentinel is on the host.
  const host = ["host namespaces", "restricted volume types", "runAsNonRoot != true"];
  assert.deepEqual(bySignal.toSorted(), [...host, "unrestricted capabilities"].toSorted());
  const byCommand = await violations("coordinated", { kind: "DaemonSet", name: "kured" });
  // What a privileged container has it has whatever else is said of it.
  const privileged = ["privileged", "allowPrivilegeEscalation != false", "unrestricted capabilities", "seccompProfile"];
  assert.deepEqual(byCommand.toSorted(), [...host, ...privileged].toSorted());
});

function podOf(manifest: ManifestName, which: { readonly kind: string; readonly name: string }): object {
  const { spec } = objectOf<WorkloadObject>(readManifest(manifest), which);
  const template = spec["template"] as { readonly metadata: object; readonly spec: object };
  return { apiVersion: "v1", kind: "Pod", metadata: { ...template.metadata, name: which.name }, spec: template.spec };
}

for (const refusals of attempts) testRefusals(cast, refusals);
for (const one of accepted) testAccepted(cast, one);

test("docs/internals/least-privilege.md lists just these attempts, and what is accepted", () => {
  const { text, wanted } = readDocument();
  assert.equal(text, wanted, "write it anew with `node test/controlplane/policy/write.ts`");
});

agentCases(cast);
coordinatorCases(cast);
othersCases(cast);
openRightsCase(cast, signal);

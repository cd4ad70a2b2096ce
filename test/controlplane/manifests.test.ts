import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseArguments } from "../../src/config/parse-arguments.ts";
import { kuredInstallation } from "./kured.ts";
import { objectOf, readManifest, type ManifestName } from "./manifests.ts";
import type { WorkloadObject } from "./objects.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly valueFrom: { readonly fieldRef: { readonly fieldPath: string } };
  }[];
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly [Container];
}

const daemons: readonly (readonly [ManifestName, kind: string, name: string, command: string])[] = [
  ["classic", "DaemonSet", "kured", "classic"],
  ["classic-signal", "DaemonSet", "kured", "classic"],
  ["coordinated", "DaemonSet", "kured", "agent"],
  ["coordinated", "Deployment", "kured-coordinator", "coordinator"],
];

function podOf(manifest: ManifestName, kind: string, name: string): PodSpec {
  const { spec } = objectOf<WorkloadObject>(readManifest(manifest), { kind, name });
  return (spec["template"] as { readonly spec: PodSpec }).spec;
}

test("the classic manifest grants exactly the rights of kured 1.23", () => {
  const expected = kuredInstallation();
  const rights = (objects: readonly object[]): readonly object[] =>
    objects.filter((object) => !("kind" in object && object.kind === "DaemonSet"));
  assert.deepEqual(rights(readManifest("classic")), rights(expected));
});

test("the classic DaemonSet has kured's name, selector, tolerations and account, so that it takes its place", () => {
  const ours = objectOf<WorkloadObject>(readManifest("classic"), { kind: "DaemonSet", name: "kured" });
  const theirs = objectOf<WorkloadObject>(kuredInstallation(), { kind: "DaemonSet", name: "kured" });
  const shape = ({ metadata, spec }: WorkloadObject): object => {
    const template = spec["template"] as {
      readonly metadata: object;
      readonly spec: Readonly<Record<string, unknown>>;
    };
    const { tolerations, serviceAccountName } = template.spec;
    const { selector, updateStrategy } = spec;
    const { name, namespace } = metadata;
    return { name, namespace, selector, updateStrategy, labels: template.metadata, tolerations, serviceAccountName };
  };
  assert.deepEqual(shape(ours), shape(theirs));
});

test("the coordinated DaemonSet has the classic one's name and selector, so that it finds its lock", () => {
  const of = (manifest: ManifestName): readonly unknown[] => {
    const { metadata, spec } = objectOf<WorkloadObject>(readManifest(manifest), { kind: "DaemonSet", name: "kured" });
    return [metadata.name, metadata.namespace, spec["selector"]];
  };
  assert.deepEqual(of("coordinated"), of("classic"));
});

for (const [manifest, kind, name, command] of daemons) {
  test(`${manifest}.yaml starts ${kind} ${name} as ${command}, of this version, with arguments that it understands`, () => {
    const [container] = podOf(manifest, kind, name).containers;
    assert.equal(container.image, `ghcr.io/kubereboot/kured:${version}`);
    const [program = "", ...argv] = [...container.command, ...container.args];
    assert.equal(program, "/usr/bin/kured");
    const env = Object.fromEntries(
      (container.env ?? []).map(({ name, valueFrom }) => [name, valueFrom.fieldRef.fieldPath]),
    );
    const outcome = parseArguments({ argv, env, program });
    assert.equal(outcome.kind, "settings");
    if (outcome.kind !== "settings") return;
    const { settings, warnings } = outcome;
    assert.equal(settings.command, command);
    assert.deepEqual(warnings, []);
    if (command === "classic") return;
    // The downward API's paths stand for what it will put there.
    assert.deepEqual(settings.pod, { uid: "metadata.uid", name: "metadata.name", namespace: "metadata.namespace" });
    if (command === "agent") assert.equal(settings.nodeId, "spec.nodeName");
  });
}

test("no account of the coordinated manifest has a right of more than these", () => {
  interface Role {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
    readonly rules: readonly {
      resources: readonly string[];
      verbs: readonly string[];
      resourceNames?: readonly string[];
    }[];
  }
  const roles = readManifest("coordinated").filter(({ kind }) => kind === "ClusterRole" || kind === "Role") as Role[];
  const lines = roles.flatMap(({ kind, metadata, rules }) =>
    rules.map(({ resources, verbs, resourceNames = ["*"] }) =>
      [metadata.namespace ?? kind, metadata.name, resources.join(), resourceNames.join(), verbs.join()].join(" "),
    ),
  );
  assert.deepEqual(lines, [
    "ClusterRole kured-agent nodes * get,list,watch,patch",
    "ClusterRole kured-coordinator nodes * get,list,watch,patch",
    "ClusterRole kured-coordinator pods * get,list,watch",
    "ClusterRole kured-coordinator pods/eviction * create",
    "ClusterRole kured-coordinator poddisruptionbudgets * get,list,watch",
    "ClusterRole kured-coordinator daemonsets * get",
    "kube-system kured-coordinator daemonsets kured get,list,watch,update",
    "kube-system kured-coordinator leases * create",
    "kube-system kured-coordinator leases kured get,update",
    "default kured-coordinator events * create",
  ]);
});

test("every policy of the coordinated manifest fails closed, and its binding denies, everywhere and to everybody", () => {
  const objects = readManifest("coordinated") as readonly WorkloadObject[];
  const ofKind = (wanted: string): readonly WorkloadObject[] => objects.filter(({ kind }) => kind === wanted);
  const policies = ofKind("ValidatingAdmissionPolicy");
  assert.ok(policies.length > 0);
  for (const { metadata, spec } of policies) assert.equal(spec["failurePolicy"], "Fail", metadata.name);
  assert.deepEqual(
    ofKind("ValidatingAdmissionPolicyBinding").map(({ metadata, spec }) => [metadata.name, spec]),
    policies.map(({ metadata: { name } }) => [name, { policyName: name, validationActions: ["Deny"] }]),
  );
});

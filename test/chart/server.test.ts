import assert from "node:assert/strict";
import { before, test } from "node:test";
import { fakeNode, namespace } from "../controlplane/objects.ts";
import { resourcePath } from "../controlplane/resources.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createAll, createNodes, waitFor } from "../controlplane/waits.ts";
import { runHelm } from "./helm.ts";
import { goldens, manifests, objectsIn, rendered } from "./renders.ts";

const { cluster, signal } = await suiteCluster();

before(async () => {
  await createNodes(cluster.admin, [fakeNode({ name: "n1" }), fakeNode({ name: "n2" })], { signal });
  await createAll(cluster.admin, [namespace("kured")]);
});

for (const render of [
  ...goldens,
  ...manifests.map((manifest) => ({ ...manifest, name: `manifests/${manifest.name}` })),
]) {
  test(`the API server takes every object of ${render.name} as it stands`, async () => {
    // Its definition is the Prometheus operator's, which is not here.
    const objects = objectsIn(await rendered(render, { signal })).filter(({ kind }) => kind !== "ServiceMonitor");
    const answers = objects.map(async (object) => {
      const path = `${resourcePath(object, { name: false })}?dryRun=All&fieldValidation=Strict`;
      const { status, text } = await cluster.admin.send("POST", path, { body: object });
      return status === 201 ? [] : [`${object.kind} ${object.metadata.name}: ${status} ${text}`];
    });
    assert.deepEqual((await Promise.all(answers)).flat(), []);
  });
}

/** What helm prints after an install, which the server has checked and not carried out. */
async function notes(...argv: readonly string[]): Promise<string> {
  const at = ["--kubeconfig", cluster.kubeconfig, "--namespace", "kube-system"];
  const end = await runHelm(["install", "kured", "chart", "--dry-run=server", ...at, ...argv], { signal });
  assert.equal(end.code, 0, end.stderr);
  return end.stdout.slice(end.stdout.indexOf("NOTES:"));
}

test("the install line of the cloud vendor's article of 2019 is understood, and its label still matches here", async () => {
  const said = await notes("--set", "nodeSelector.beta\\.kubernetes\\.io/os=linux");
  assert.match(said, /2 of 2 nodes have the labels of nodeSelector/);
});

test("the install lines of the Helm article of 2020 are taken by the server", async () => {
  const days = ["rebootDays={mon,tue,wed,thu,fri}", "startTime=5pm", "endTime=11:59pm", "timeZone=America/New_York"];
  const hook = ["slackChannel=environments", "slackHookUrl=https://hooks.slack.com/services/blahblah"];
  const values = [...days, ...hook, "slackUsername=staging"].flatMap((value) => ["--set", `configuration.${value}`]);
  for (const mode of ["classic", "coordinated"])
    assert.match(await notes("--set", `mode=${mode}`, ...values), new RegExp(`mode ${mode}`));
});

test("after an install helm says on how many nodes kured will run", async () => {
  assert.match(await notes("--set", "nodeSelector=null"), /2 of 2 nodes have the labels of nodeSelector/);
});

test("an image of the past in somebody's values is taken, and helm says that it is not the one that is meant", async () => {
  const past = "is not the kured that this chart is for: remove image.repository and image.tag";
  assert.ok((await notes("--set", "image.tag=1.13.1")).includes(`ghcr.io/kubereboot/kured:1.13.1 ${past}`));
  assert.ok((await notes("--set", "image.repository=weaveworks/kured")).includes(past));
});

test("a node selector that matches no node is accepted, and helm says that no node will ever be rebooted", async () => {
  const said = await notes("--set", "nodeSelector.pool=none");
  assert.match(said, /NO NODE WILL EVER BE REBOOTED: none of the 2 nodes has all the labels of nodeSelector,/);
  assert.match(said, /^ {2}pool: none$/m);
  assert.doesNotMatch(said, /beta/);
});

test("a node selector of 2019 is accepted, and if it matches no node helm names the label of today", async () => {
  // The controllers of today still keep the old label where they see the new one, so another value has to do.
  const said = await notes("--set", "nodeSelector.beta\\.kubernetes\\.io/os=plan9");
  assert.match(said, /NO NODE WILL EVER BE REBOOTED/);
  assert.match(said, /select by kubernetes\.io\/os instead/);
});

test("mode coordinated can be installed on this server, and what older charts asked for in vain is said to be in vain", async () => {
  const said = await notes("--set", "mode=coordinated", "--set", "podSecurityPolicy.create=true,autolock.enabled=true");
  assert.match(said, /mode coordinated/);
  assert.match(said, /podSecurityPolicy\.create has no effect/);
  assert.match(said, /autolock has had no effect since chart 2\.0\.0/);
});

test("the coordinator may write the marks that it was told to write, and no other label, annotation or taint", async () => {
  const values = ["annotateNodes=true", "preferNoScheduleTaint=kured.example/wait"].map(
    (value) => `configuration.${value}`,
  );
  const labels = "configuration.preRebootNodeLabels={a=b},configuration.postRebootNodeLabels={c=d\\,e=f}";
  const argv = ["--set", `mode=coordinated,${values.join()}`, "--set", labels];
  await createAll(cluster.admin, objectsIn(await rendered({ name: "marks", argv }, { signal })));
  const account = { namespace: "kube-system", serviceAccount: "kured-coordinator" };
  const coordinator = cluster.clientFor({ token: await cluster.admin.requestToken(account) });
  const write = async (patch: object): Promise<string> =>
    coordinator.patch({ kind: "Node", metadata: { name: "n1" } }, patch).then(
      () => "written",
      (error: unknown) => (/kured's coordinator may [^"\\]*/.exec(String(error)) ?? [String(error)])[0].trim(),
    );
  const taints = (...keys: readonly string[]) => ({
    spec: { taints: keys.map((key) => ({ key, effect: "PreferNoSchedule" })) },
  });
  const refusal = "kured's coordinator may not change the label x";
  let value = 0; // Another one each time: what changes nothing is never refused.
  const refused = async () => (await write({ metadata: { labels: { x: `v${value++}` } } })) === refusal;
  await waitFor("the policy to act", refused, { signal, timeoutMs: 20_000 });
  const annotations = { "weave.works/kured-reboot-in-progress": "now", "kured.dev/verdict": "x" };
  assert.equal(await write({ metadata: { labels: { a: "b", c: "d", e: "f" }, annotations } }), "written");
  assert.equal(await write(taints("kured.example/wait")), "written");
  assert.equal(await write({ spec: { taints: null, unschedulable: true } }), "written");
  const more = "kured's coordinator may change no taint but kured.example/wait";
  assert.equal(await write(taints("kured.example/wait", "other")), more);
  const foreign = { metadata: { annotations: { "kured.dev/report": "forged" } } };
  assert.equal(await write(foreign), "kured's coordinator may not change the annotation kured.dev/report");
  coordinator.close();
});

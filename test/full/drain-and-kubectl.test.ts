import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { modes } from "../cases/one-node.ts";
import { programUnderTest } from "../cases/site.ts";
import { fakeNode } from "../controlplane/objects.ts";
import { suiteCluster } from "../controlplane/suite-cluster.ts";
import { createNodes } from "../controlplane/waits.ts";
import { play } from "./kubectl/play.ts";
import { scenes } from "./kubectl/scenes.ts";

const { cluster, signal } = await suiteCluster();

suite("Beside kubectl drain on a twin node", { concurrency: 4 }, () => {
  for (const scene of scenes)
    for (const mode of modes) test(`${mode}: ${scene.title}`, () => play(scene, { cluster, mode, signal }));

  test("a malformed pod selector is refused by both before anything is touched", async () => {
    await createNodes(cluster.admin, [fakeNode({ name: "untouched" })], { signal });
    const drain = [`--kubeconfig=${cluster.kubeconfig}`, "drain", "untouched", "--pod-selector=of in ("];
    await assert.rejects(run(cluster.programs.paths.kubectl, drain), /must be a valid label selector/);
    const flags = ["--node-id=untouched", "--drain-pod-selector=of in ("];
    await assert.rejects(run(programUnderTest(), flags), /drain-pod-selector/);
    const { spec } = await cluster.admin.get<ReturnType<typeof fakeNode>>(fakeNode({ name: "untouched" }));
    assert.equal(spec?.unschedulable, undefined);
  });
});

/** Rejects, with what was written, when it does not succeed. */
async function run(program: string, argv: readonly string[]): Promise<void> {
  await promisify(execFile)(program, argv, { signal, env: { ...process.env, KURED_NODE_ID: "untouched" } }).catch(
    (error: unknown) => {
      const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
      throw new Error(`${stdout}${stderr}`, { cause: error });
    },
  );
}

import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeObject } from "../objects.ts";
import { assertAllowed, assertRefused, attempt } from "./attempts.ts";
import type { Cast } from "./cast.ts";
import * as to from "./requests.ts";
import { HOLD, PAUSE, RECORD, REPORT, annotate, cordon, get, patchNode, replaceOf, testOf } from "./requests.ts";

/** What whoever owns node n1 can do with the token of the agent's pod there. */
export function agentCases(cast: () => Cast): void {
  const readNode = async (name: string): Promise<NodeObject> =>
    await cast().admin.get<NodeObject>({ kind: "Node", metadata: { name } });

  test("an agent writes its first report, and replaces the one that it knows", async () => {
    await assertAllowed(cast().admin, annotate("n1", { [REPORT]: null }));
    const { uid } = (await readNode("n1")).metadata;
    await assertAllowed(cast().agent, patchNode("n1", { metadata: { uid, annotations: { [REPORT]: "first" } } }));
    await assertAllowed(cast().agent, patchNode("n1", [testOf(REPORT, "first"), replaceOf(REPORT, "second")], "json"));
    assert.equal((await readNode("n1")).metadata.annotations?.[REPORT], "second");
  });

  test("an agent reads and watches its own Node", async () => {
    const selected = "/api/v1/nodes?fieldSelector=metadata.name%3Dn1";
    for (const path of ["/api/v1/nodes/n1", selected, `${selected}&watch=true&timeoutSeconds=1`]) {
      await assertAllowed(cast().agent, get(path));
    }
  });

  test("a report may have 16 KiB in bytes, however few characters that is, and not one more", async () => {
    await assertAllowed(cast().agent, annotate("n1", { [REPORT]: "é".repeat(8192) }));
    const tooLong = annotate("n1", { [REPORT]: `${"é".repeat(8192)}x` });
    await assertRefused(cast().agent, tooLong, { by: "kured-agent", says: "at most 16384 bytes, not 16385" });
  });

  test("a status in the agent's patch is dropped without a word, as the API server does with everybody's", async () => {
    const before = await readNode("n1");
    await assertAllowed(cast().agent, patchNode("n1", { status: { nodeInfo: { bootID: "forged" } } }));
    assert.deepEqual((await readNode("n1")).status?.nodeInfo, before.status?.nodeInfo);
  });

  test("a Node with all the annotations, labels and images that it can have does not exhaust the policies", async () => {
    const { admin, agent, coordinator, kubelet } = cast();
    const keys = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `a.b/key-${index}`);
    const annotations = Object.fromEntries(keys(800).map((key) => [key, "x".repeat(250)]));
    const labels = Object.fromEntries(keys(200).map((key) => [key, "y".repeat(60)]));
    await assertAllowed(admin, patchNode("n1", { metadata: { annotations, labels } }));
    const images = keys(50).map((key) => ({ names: [`${key}:${"z".repeat(200)}`], sizeBytes: 1 }));
    await assertAllowed(kubelet, { ...to.throughStatus(patchNode("n1", { status: { images } })), patch: "strategic" });
    await assertAllowed(agent, annotate("n1", { [REPORT]: "x".repeat(16_384) }));
    await assertAllowed(coordinator, annotate("n1", { [RECORD]: "x".repeat(16_384) }));
    await assertRefused(agent, annotate("n1", { "a.b/key-799": null }), { by: "kured-agent", says: "a.b/key-799" });
    const gone = (map: object): object => Object.fromEntries(Object.keys(map).map((key) => [key, null]));
    const metadata = { annotations: { ...gone(annotations), [RECORD]: null }, labels: gone(labels) };
    await assertAllowed(admin, patchNode("n1", { metadata }));
  });

  commitCase(cast);

  test("an agent cannot uncordon its node, lift its pause, or touch its hold", async () => {
    const { admin, agent: thief } = cast();
    await assertAllowed(
      admin,
      patchNode("n1", {
        metadata: { annotations: { [PAUSE]: "true", [HOLD]: "true" } },
        spec: { unschedulable: true },
      }),
    );
    await assertRefused(thief, cordon("n1", null), { by: "kured-agent", says: "may not change spec" });
    await assertRefused(thief, annotate("n1", { [PAUSE]: null }), { by: "kured-agent", says: "kured.dev/pause" });
    await assertRefused(thief, annotate("n1", { [HOLD]: "false" }), { by: "kured-agent", says: "kured.dev/hold" });
    await assertAllowed(
      admin,
      patchNode("n1", { metadata: { annotations: { [PAUSE]: null, [HOLD]: null } }, spec: { unschedulable: null } }),
    );
  });
}

/** The patch of design's commit point, word for word as src/agent/perform/commit.ts sends it. */
function commitCase(cast: () => Cast): void {
  const commit = patchNode(
    "n1",
    [
      testOf(RECORD, "approved"),
      { op: "test", path: "/spec/unschedulable", value: true },
      testOf(PAUSE, null),
      testOf(HOLD, null),
      testOf(REPORT, "before"),
      replaceOf(REPORT, "after"),
    ],
    "json",
  );
  const ready = patchNode("n1", {
    metadata: { annotations: { [RECORD]: "approved", [REPORT]: "before", [PAUSE]: null, [HOLD]: null } },
    spec: { unschedulable: true },
  });
  const spoiled = {
    "the node is not cordoned": cordon("n1", null),
    "it is paused": annotate("n1", { [PAUSE]: "true" }),
    "its pause is an empty text": annotate("n1", { [PAUSE]: "" }),
    "it is held": annotate("n1", { [HOLD]: "true" }),
    "the approval is another one": annotate("n1", { [RECORD]: "withdrawn" }),
    "there is no record": annotate("n1", { [RECORD]: null }),
    "another agent has spoken": annotate("n1", { [REPORT]: "other" }),
  };

  test("a commit goes through when all that it tests holds, and is a 422 when one thing does not", async () => {
    const { admin, agent } = cast();
    for (const [what, spoil] of Object.entries(spoiled)) {
      await assertAllowed(admin, ready);
      await assertAllowed(admin, spoil);
      const { status, text } = await attempt(agent, commit);
      assert.equal(status, 422, `${what}: ${text}`);
      assert.equal(JSON.parse(text).message, "the server rejected our request due to an error in our request");
    }
    await assertAllowed(admin, ready);
    await assertAllowed(agent, commit);
    const { metadata } = await admin.get({ kind: "Node", metadata: { name: "n1" } });
    assert.equal(metadata.annotations?.[REPORT], "after");
    await assertAllowed(
      admin,
      patchNode("n1", { metadata: { annotations: { [RECORD]: null } }, spec: { unschedulable: null } }),
    );
  });
}

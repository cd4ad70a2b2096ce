import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Decision } from "../../decide.ts";
import { decodeNode, type NodeFacts } from "../../fleet/node.ts";
import type { MaintenanceRecord } from "../../fleet/record.ts";
import type { Answer } from "../../question.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  node,
  now,
  podsAnswer,
  policy,
  record,
  recordReading,
  report,
  reportReading,
  view,
} from "../../testing/builders.ts";
import { encodeRecord } from "../../fleet/record.ts";
import { encodeReport } from "../../fleet/report.ts";
import { sentence } from "../../verdict/sentence.ts";

const minuteMs = 60_000;

interface Given {
  readonly record?: Partial<MaintenanceRecord>;
  readonly node?: Partial<NodeFacts>;
  /** What the VolumeAttachments say, as of now. */
  readonly volumes?: readonly string[] | "forbidden" | "failed";
  readonly observedAgoMs?: number;
  /** That stay, beside the agent's. */
  readonly claims?: readonly string[];
  readonly timeoutMs?: number;
  readonly drainTimeoutMs?: number;
}

/** A node whose last pod went half a minute ago, and whose agent asks for its approval. */
function decided(given: Given = {}): Decision {
  const drainedAtMs = now.wallMs - minuteMs / 2;
  const facts = node({
    unschedulable: true,
    report: reportReading({ nonce: "n" }),
    record: recordReading({ phase: "draining", cordon: "ours", drainedAtMs, ...given.record }),
    ...given.node,
  });
  const staying = agentPod({ ...(given.claims && { claims: given.claims }) });
  const observedAtMs = now.monotonicMs - (given.observedAgoMs ?? 0);
  const attachments: Answer =
    given.volumes === "failed"
      ? { kind: "failed", observedAtMs, reason: "no answer" }
      : { kind: "volumeAttachments", observedAtMs, volumes: given.volumes ?? [] };
  const seen = answers({ "pods/n1": podsAnswer([staying]), "volumeAttachments/n1": attachments });
  const scene = view({ nodes: [facts], ledger: ledger(entryText()), answers: seen });
  const { timeoutMs = 5 * minuteMs, drainTimeoutMs = 0 } = given;
  return decide(scene, policy({ volumeDetachTimeoutMs: timeoutMs, drainTimeoutMs }), now);
}

/** What is written of the node's record, and else what is said. */
function outcome(given: Given = {}): string {
  const { actions, verdicts } = decided(given);
  const [action] = actions;
  if (action?.kind === "writeRecord") return action.step;
  const [reason] = verdicts[0]?.reasons ?? [];
  return reason === undefined ? "" : sentence(reason);
}

const until = "until 2026-05-05T12:04:30.000Z at the latest";

describe("A drained node whose volumes are still attached", () => {
  test("waits for those that its status names, and says which", () => {
    const volumesAttached = ["kubernetes.io/csi/disk^b", "kubernetes.io/csi/disk^a"];
    const words = "kubernetes.io/csi/disk^a, kubernetes.io/csi/disk^b";
    const said = `The node is drained and waits for its volumes to be detached, ${until}: ${words}.`;
    assert.equal(outcome({ node: { volumesAttached } }), said);
  });

  test("waits for its VolumeAttachments when its status names none any more", () => {
    const said = `The node is drained and waits for its volumes to be detached, ${until}: pvc-1.`;
    assert.equal(outcome({ volumes: ["pvc-1"] }), said);
    assert.equal(outcome({ volumes: [] }), "approve");
  });

  test("does not wait for as many as the pods that stay have claims", () => {
    const attached = { node: { volumesAttached: ["a"] }, volumes: ["pvc-a"] };
    assert.equal(outcome({ ...attached, claims: ["logs"] }), "approve");
    const more = { ...attached, volumes: ["pvc-a", "pvc-b"] };
    assert.match(
      outcome({ ...more, claims: ["logs"] }),
      /: pvc-a, pvc-b, of which as many as 1 may belong to pods that/,
    );
  });

  test("goes by its status alone where attachments may not be listed, and not where they could not be", () => {
    assert.equal(outcome({ volumes: "forbidden" }), "approve");
    assert.match(outcome({ volumes: "failed" }), /waits for a look at its volumes, until/);
  });

  test("does not trust a look from before the last pod went", () => {
    const { actions, questions } = decided({ observedAgoMs: minuteMs });
    assert.deepEqual(actions, []);
    assert.ok(questions.some(({ kind }) => kind === "volumeAttachments"));
  });

  test("is not asked for all the time where the clock that wrote when the last pod went was ahead", () => {
    const ahead = { drainedAtMs: now.wallMs + minuteMs };
    const { questions } = decided({ record: ahead, volumes: ["pvc-1"] });
    const ages = questions.flatMap((one) => (one.kind === "volumeAttachments" ? [one.freshForMs] : []));
    assert.deepEqual(ages, [2_000]);
    assert.equal(outcome({ record: ahead }), "approve");
  });

  test("waits no longer than the limit, which counts from what is written", () => {
    const volumesAttached = ["a"];
    assert.equal(outcome({ node: { volumesAttached }, timeoutMs: minuteMs / 2 }), "approve");
    assert.equal(decided({ node: { volumesAttached } }).wakeAtMs, now.monotonicMs + 4.5 * minuteMs);
    const { drainedAtMs: _not, ...begun } = record({ phase: "draining", cordon: "ours" });
    const unwritten = { kind: "record", record: begun, text: encodeRecord(begun) } as const;
    assert.equal(outcome({ node: { record: unwritten } }), "drained");
  });

  test("is not taken for a drain that does not end in time", () => {
    const volumesAttached = ["a"];
    const facts = { record: { phaseSinceMs: now.wallMs - 2 * minuteMs }, node: { volumesAttached } };
    assert.match(outcome({ ...facts, drainTimeoutMs: minuteMs }), /waits for its volumes/);
  });

  test("waits for nothing without the option", () => {
    assert.equal(outcome({ node: { volumesAttached: ["a"] }, volumes: ["pvc-1"], timeoutMs: 0 }), "approve");
  });
});

test("a Node's attached volumes are only kept while it has a record", () => {
  const annotations = { "kured.dev/report": encodeReport(report()) };
  const json = (more: object) => ({
    metadata: { name: "n1", uid: "u", resourceVersion: "1", annotations: { ...annotations, ...more } },
    status: { volumesAttached: [{ name: "a", devicePath: "" }, { name: 7 }, "b"] },
  });
  assert.equal(decodeNode(json({}))?.volumesAttached, undefined);
  const withRecord = json({ "kured.dev/maintenance": encodeRecord(record()) });
  assert.deepEqual(decodeNode(withRecord)?.volumesAttached, ["a"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeNode } from "./node.ts";

const metadata = { name: "n1", uid: "u1", resourceVersion: "7" };
const full = {
  metadata: {
    ...metadata,
    labels: { "node-role.kubernetes.io/control-plane": "", pool: "a" },
    annotations: {
      "kured.dev/pause": "true",
      "kured.dev/hold": "upgrade",
      "kured.dev/verdict": "{}",
      "weave.works/kured-reboot-in-progress": "2026-05-05T12:00:00Z",
      "kured.dev/maintenance": "=stop",
      "kured.dev/report": "=what",
    },
  },
  spec: { unschedulable: true, taints: [{ key: "k", effect: "NoSchedule" }] },
  status: {
    conditions: [
      { type: "MemoryPressure", status: "True" },
      { type: "Ready", status: "True" },
    ],
    nodeInfo: { bootID: "b1" },
    volumesAttached: [{ name: "csi^v1", devicePath: "" }],
  },
};

test("what kured goes by is read off a Node", () => {
  const facts = decodeNode(full);
  assert.deepEqual(facts && { ...facts, record: facts.record.kind, report: facts.report.kind }, {
    name: "n1",
    uid: "u1",
    resourceVersion: "7",
    ready: true,
    unschedulable: true,
    kubeletBoot: "b1",
    controlPlane: true,
    labels: full.metadata.labels,
    taints: full.spec.taints,
    volumesAttached: ["csi^v1"],
    record: "unreadable",
    report: "unreadable",
    pause: { reason: "" },
    hold: { reason: "upgrade" },
    published: "{}",
    rebootInProgress: "2026-05-05T12:00:00Z",
  });
});

test("a Node that says nothing of itself is neither Ready nor cordoned, and nothing is known of it", () => {
  assert.deepEqual(decodeNode({ metadata }), {
    name: "n1",
    uid: "u1",
    resourceVersion: "7",
    ready: false,
    unschedulable: false,
    kubeletBoot: "",
    controlPlane: false,
    labels: {},
    taints: [],
    record: { kind: "absent" },
    report: { kind: "absent" },
  });
});

test("what a node has room for is read off its status, and off nothing else", () => {
  const allocatable = { cpu: "4", pods: "110" };
  assert.deepEqual(decodeNode({ metadata, status: { allocatable } })?.allocatable, { cpu: 4, pods: 110 });
  assert.equal(decodeNode({ metadata, allocatable })?.allocatable, undefined);
});

test("only the condition Ready makes a node Ready, and only when it is True", () => {
  const ready = (conditions: unknown) => decodeNode({ metadata, status: { conditions } })?.ready;
  assert.equal(ready([{ type: "Ready", status: "True" }]), true);
  for (const conditions of [
    [{ type: "Ready", status: "Unknown" }],
    [{ type: "DiskPressure", status: "True" }],
    ["Ready"],
    "Ready",
  ])
    assert.equal(ready(conditions), false, JSON.stringify(conditions));
});

test("the old name of the role makes a control-plane node too", () => {
  const labels = { "node-role.kubernetes.io/master": "true" };
  assert.equal(decodeNode({ metadata: { ...metadata, labels } })?.controlPlane, true);
});

test("what has no name, uid or version is no Node", () => {
  assert.equal(decodeNode("n1"), undefined);
  for (const key of ["name", "uid", "resourceVersion"])
    assert.equal(decodeNode({ metadata: { ...metadata, [key]: undefined } }), undefined, key);
});

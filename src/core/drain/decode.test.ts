import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodePod } from "./decode.ts";

const metadata = { namespace: "shop", name: "web-0", uid: "u1" };

describe("A pod as the API server sends it", () => {
  test("is read with all that draining needs", () => {
    const owners = [
      { apiVersion: "v1", kind: "Other", name: "x", uid: "x" },
      {
        apiVersion: "apps/v1",
        kind: "StatefulSet",
        name: "web",
        uid: "s1",
        controller: true,
        blockOwnerDeletion: true,
      },
    ];
    const json = {
      metadata: {
        ...metadata,
        labels: { app: "web" },
        annotations: { "kubernetes.io/config.mirror": "" },
        ownerReferences: owners,
        deletionTimestamp: "2024-05-05T14:15:00Z",
      },
      spec: {
        nodeName: "n1",
        priorityClassName: "high",
        volumes: [
          { name: "a", hostPath: {} },
          { name: "b", emptyDir: {} },
        ],
      },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    };
    assert.deepEqual(decodePod(json), {
      ...metadata,
      nodeName: "n1",
      labels: { app: "web" },
      phase: "Running",
      deletionTimestampMs: Date.UTC(2024, 4, 5, 14, 15),
      controller: { apiVersion: "apps/v1", kind: "StatefulSet", name: "web", uid: "s1" },
      mirror: true,
      hasEmptyDir: true,
      ready: true,
      priorityClassName: "high",
    });
  });

  test("may ask to be skipped or waited for, by Cluster API's label or by ours; another value asks for nothing", () => {
    const asked = (given: object) => decodePod({ metadata: { ...metadata, ...given } })?.drainRequest;
    const skip = { behavior: "Skip", by: "its label cluster.x-k8s.io/drain" };
    assert.deepEqual(asked({ labels: { "cluster.x-k8s.io/drain": "skip" } }), skip);
    const wait = { behavior: "WaitCompleted", by: "its annotation kured.dev/drain" };
    assert.deepEqual(asked({ annotations: { "kured.dev/drain": "wait-completed" } }), wait);
    assert.equal(asked({ labels: { "kured.dev/drain": "later" } }), undefined);
  });

  test("names the claims of its volumes, and those that are made for it alone", () => {
    const volumes = [
      { name: "data", persistentVolumeClaim: { claimName: "web-data" } },
      { name: "scratch", ephemeral: { volumeClaimTemplate: {} } },
      { name: "logs", emptyDir: {} },
    ];
    assert.deepEqual(decodePod({ metadata, spec: { volumes } })?.claims, ["web-data", "web-0-scratch"]);
  });

  test("may say that somebody moves it away since its eviction was asked for", () => {
    const annotations = { "descheduler.alpha.kubernetes.io/eviction-in-progress": "kubevirt" };
    assert.equal(decodePod({ metadata: { ...metadata, annotations } })?.evictionInProgress, "kubevirt");
  });

  test("may lack everything but its identity", () => {
    const bare = { nodeName: "", labels: {}, phase: "", mirror: false, hasEmptyDir: false, ready: false };
    assert.deepEqual(decodePod({ metadata }), { ...metadata, ...bare });
    assert.deepEqual(decodePod({ kind: "Pod", metadata: { ...metadata, deletionTimestamp: null } }), {
      ...metadata,
      ...bare,
    });
  });

  test("has no controller if none of its owners controls it", () => {
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "d", uid: "d", controller: false }];
    assert.equal(decodePod({ metadata: { ...metadata, ownerReferences } })?.controller, undefined);
  });

  test("is refused if it is something else or cannot be told apart", () => {
    const strange: unknown[] = [
      null,
      1,
      "pod",
      [],
      {},
      { metadata: { ...metadata, uid: 1 } },
      { kind: "Node", metadata },
    ];
    strange.push({ metadata: { ...metadata, deletionTimestamp: "soon" } });
    for (const value of strange) assert.equal(decodePod(value), undefined, JSON.stringify(value));
  });

  test("never makes decoding throw", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (part) =>
          void decodePod({ metadata: { ...metadata, labels: part, ownerReferences: part }, spec: part, status: part }),
      ),
    );
  });
});

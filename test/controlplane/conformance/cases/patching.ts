import type { Case, Step } from "../step.ts";
import { get, jsonPatch, merge, post, strategic } from "../step.ts";
import { configMap, node, nodePath, paths } from "./objects.ts";

const one = `${paths.configmaps}/c`;
const report = "/metadata/annotations/kured.dev~1report";

const oneNode: readonly Step[] = [
  post(paths.nodes, node("a", { annotations: { "kured.dev/report": '{"a":"<1>"}' } }), { as: "a" }),
];

function owner(uid: string, name = "o"): { readonly [field: string]: string } {
  return { apiVersion: "v1", kind: "Gadget", name, uid };
}

/** The three languages of patches. */
export const patching: readonly Case[] = [
  {
    name: "merge patches",
    steps: [
      ...oneNode,
      merge(nodePath("a"), { metadata: { annotations: { x: "1", y: null } } }),
      merge(nodePath("a"), { metadata: { annotations: { x: null, "kured.dev/report": null } } }),
      merge(nodePath("a"), { spec: { unschedulable: true } }),
      merge(nodePath("a"), { spec: { unschedulable: false } }),
      merge(nodePath("a"), { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }),
      merge(nodePath("a"), {
        spec: {
          taints: [
            { key: "k", effect: "NoSchedule" },
            { key: "k", effect: "NoSchedule" },
          ],
        },
      }),
      merge(nodePath("a"), { spec: { taints: [] } }),
      merge(nodePath("a"), {
        metadata: { resourceVersion: "$(a.metadata.resourceVersion)" },
        spec: { unschedulable: true },
      }),
      merge(nodePath("a"), { metadata: { uid: "00000000-0000-4000-8000-000000000000" } }),
      merge(nodePath("a"), { metadata: { name: "other" } }),
      merge(nodePath("a"), { metadata: { labels: { "-bad-": "x" } } }),
      merge(nodePath("a"), { metadata: { annotations: { x: 7 } } }),
      merge(nodePath("a"), { kind: "Gadget" }),
      merge(nodePath("a"), { status: { nodeInfo: { bootID: "b" } } }),
      merge(nodePath("a"), "{"),
      merge(nodePath("a"), "[]"),
      merge(nodePath("a"), {}),
      merge(`${nodePath("a")}?dryRun=All`, { metadata: { annotations: { dry: "x" } } }),
      merge(nodePath("a", "/status"), {
        status: { nodeInfo: { bootID: "b" } },
        metadata: { annotations: { s: "1" } },
        spec: { unschedulable: false },
      }),
      get(nodePath("a")),
      merge(nodePath("nobody"), {}),
      post(nodePath("a"), {}),
    ],
  },
  {
    name: "JSON patches",
    steps: [
      ...oneNode,
      jsonPatch(nodePath("a"), [
        { op: "test", path: report, value: '{"a":"<1>"}' },
        { op: "add", path: "/metadata/annotations/x", value: "1" },
      ]),
      jsonPatch(nodePath("a"), [{ op: "add", path: report, value: "plain" }]),
      jsonPatch(
        nodePath("a"),
        [
          { op: "test", path: report, value: "plain" },
          { op: "replace", path: report, value: "next" },
        ],
        { as: "next" },
      ),
      jsonPatch(nodePath("a"), [
        { op: "test", path: report, value: "plain" },
        { op: "replace", path: report, value: "never" },
      ]),
      jsonPatch(nodePath("a"), [{ op: "test", path: "/metadata/annotations/none", value: null }]),
      jsonPatch(nodePath("a"), [{ op: "test", path: "/metadata/annotations/none" }]),
      jsonPatch(nodePath("a"), [{ op: "test", path: "/spec/none/deeper", value: null }]),
      jsonPatch(nodePath("a"), [
        { op: "test", path: "/metadata/resourceVersion", value: "$(next.metadata.resourceVersion)" },
        { op: "add", path: "/spec/unschedulable", value: true },
      ]),
      jsonPatch(nodePath("a"), [
        { op: "test", path: "/metadata/resourceVersion", value: "$(next.metadata.resourceVersion)" },
        { op: "remove", path: "/spec/unschedulable" },
      ]),
      jsonPatch(nodePath("a"), [
        { op: "test", path: "/spec/unschedulable", value: true },
        { op: "remove", path: "/spec/unschedulable" },
      ]),
      jsonPatch(nodePath("a"), [{ op: "remove", path: "/spec/unschedulable" }]),
      jsonPatch(nodePath("a"), [{ op: "replace", path: "/metadata/annotations/new", value: "added" }]),
      jsonPatch(nodePath("a"), [
        { op: "add", path: "/spec/taints", value: [] },
        { op: "add", path: "/spec/taints/-", value: { key: "k", effect: "NoSchedule" } },
      ]),
      jsonPatch(nodePath("a"), [
        { op: "test", path: "/spec/taints/0/key", value: "k" },
        { op: "remove", path: "/spec/taints/0" },
      ]),
      jsonPatch(nodePath("a"), [{ op: "remove", path: "/spec/taints/0" }]),
      jsonPatch(nodePath("a"), [{ op: "move", from: "/metadata/annotations/x", path: "/metadata/annotations/z" }]),
      jsonPatch(nodePath("a"), [{ op: "copy", from: "/metadata/annotations/z", path: "/metadata/annotations/w" }]),
      jsonPatch(nodePath("a"), [{ op: "add", path: "/metadata/annotations/x", value: 7 }]),
      jsonPatch(nodePath("a"), [{ op: "add", path: "/metadata/labels/-bad-", value: "x" }]),
      jsonPatch(nodePath("a"), [{ op: "gadget", path: "/spec" }]),
      jsonPatch(nodePath("a"), [{ op: "add", value: 7 }]),
      jsonPatch(nodePath("a"), [7]),
      jsonPatch(nodePath("a"), { op: "add" }),
      jsonPatch(nodePath("a"), "{"),
      jsonPatch(nodePath("a"), []),
      jsonPatch(nodePath("nobody"), [{ op: "test", path: "/x", value: 1 }]),
      get(nodePath("a")),
    ],
  },
  {
    name: "a JSON patch of an object without annotations",
    steps: [
      post(paths.configmaps, configMap("c")),
      jsonPatch(one, [{ op: "add", path: "/metadata/annotations/x", value: "1" }]),
      jsonPatch(one, [
        { op: "add", path: "/metadata/annotations", value: {} },
        { op: "add", path: "/metadata/annotations/x", value: "1" },
      ]),
      jsonPatch(one, [{ op: "remove", path: "/metadata/annotations/x" }]),
      jsonPatch(one, [{ op: "test", path: "/metadata/annotations", value: {} }]),
      jsonPatch(one, [{ op: "test", path: "/data", value: { a: "1" } }]),
      jsonPatch(
        one,
        Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/a", value: "1" })),
      ),
    ],
  },
  {
    name: "strategic merge patches",
    steps: [
      ...oneNode,
      strategic(nodePath("a"), { metadata: { labels: { x: "1" }, annotations: { y: null } } }),
      strategic(nodePath("a"), { metadata: { finalizers: ["kured.dev/a"] } }),
      strategic(nodePath("a"), { metadata: { finalizers: ["kured.dev/b"] } }),
      strategic(nodePath("a"), { metadata: { "$deleteFromPrimitiveList/finalizers": ["kured.dev/a"] } }),
      strategic(nodePath("a"), { metadata: { "$deleteFromPrimitiveList/finalizers": ["kured.dev/b"] } }),
      strategic(nodePath("a"), { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }),
      strategic(nodePath("a"), { spec: { taints: [{ key: "m", effect: "NoExecute" }] } }),
      strategic(nodePath("a", "/status"), { status: { conditions: [{ type: "Ready", status: "True" }] } }),
      strategic(nodePath("a", "/status"), {
        status: {
          conditions: [
            { type: "Ready", status: "False" },
            { type: "Old", status: "True" },
          ],
        },
      }),
      strategic(nodePath("a", "/status"), { status: { conditions: [{ type: "Old", $patch: "delete" }] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: [owner("1"), owner("2")] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: [owner("3"), { uid: "1", $patch: "delete" }] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: [owner("4"), owner("2", "renamed"), owner("5")] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: [{ name: "keyless" }] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: [{ $patch: "replace" }, owner("6")] } }),
      strategic(nodePath("a"), { metadata: { ownerReferences: null } }),
      strategic(nodePath("a"), { spec: { unschedulable: true } }),
      strategic(nodePath("a"), { spec: { $patch: "replace", providerID: "x://y" } }),
      strategic(nodePath("a"), { spec: { $patch: "gadget" } }),
      strategic(nodePath("a"), { metadata: { resourceVersion: "1" }, spec: { unschedulable: true } }),
      strategic(nodePath("a"), "{"),
      strategic(nodePath("a"), "7"),
      get(nodePath("a")),
      { ...merge(nodePath("a"), {}), headers: { "content-type": "application/gadget+json" } },
      { ...merge(nodePath("a"), {}), headers: {} },
      { ...merge(nodePath("a"), {}), headers: { "content-type": "application/merge-patch+json; charset=utf-8" } },
    ],
  },
];

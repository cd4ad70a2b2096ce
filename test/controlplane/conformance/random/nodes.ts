import fc from "fast-check";
import type { Json } from "../../../../sim/apiserver/objects/json.ts";
import type { Ask } from "../step.ts";
import { get, jsonPatch, merge, post, put, remove, strategic } from "../step.ts";
import { node, nodePath, paths } from "../cases/objects.ts";
import { finalizers, preconditions, version } from "./preconditions.ts";

const name = fc.constantFrom("a", "b");
const value = fc.constantFrom("1", "2", "<", "");
const key = fc.constantFrom("x", "kured.dev/report");
const flag = fc.boolean();
const taint = fc.record({ key: fc.constantFrom("k", "m"), effect: fc.constantFrom("NoSchedule", "NoExecute") });
const condition = fc.record({ type: fc.constantFrom("Ready", "Other"), status: fc.constantFrom("True", "False") });
const where = fc.constantFrom("", "/status", "?dryRun=All");

/** One request on one of two Nodes. */
export const nodeOperation: fc.Arbitrary<Ask> = name.chain((one) => {
  const as = `node_${one}`;
  return fc.oneof(
    { arbitrary: fc.constant(post(paths.nodes, node(one), { as })), weight: 4 },
    fc.constantFrom(get(nodePath(one), { as }), get(nodePath(one), { as: `old_${as}` })),
    preconditions(as).map((options) => remove(nodePath(one), options)),
    fc
      .tuple(key, fc.option(value), where)
      .map(([field, text, part]) =>
        merge(nodePath(one, part), { metadata: { annotations: { [field]: text } } }, { as }),
      ),
    fc
      .tuple(fc.option(flag), version(as))
      .map(([on, metadata]) => merge(nodePath(one), { metadata, spec: { unschedulable: on } }, { as })),
    fc.array(taint, { maxLength: 2 }).map((taints) => merge(nodePath(one), { spec: { taints } }, { as })),
    tested(one).map((operations) => jsonPatch(nodePath(one), operations, { as })),
    value.map((bootID) => merge(nodePath(one, "/status"), { status: { nodeInfo: { bootID } } }, { as })),
    fc
      .array(condition, { maxLength: 2 })
      .map((conditions) => strategic(nodePath(one, "/status"), { status: { conditions } }, { as })),
    finalizers.map((body) => strategic(nodePath(one), body, { as })),
    fc.tuple(version(as), fc.option(flag), value).map(([metadata, on, text]) =>
      put(
        nodePath(one),
        {
          kind: "Node",
          apiVersion: "v1",
          metadata: { name: `$(ns)-${one}`, labels: { case: "$(ns)" }, annotations: { x: text }, ...metadata },
          spec: on === null ? {} : { unschedulable: on },
        },
        { as },
      ),
    ),
  );
});

/** Tests of what may have changed, and what is to be set if it has not. */
function tested(one: string): fc.Arbitrary<Json> {
  const path = key.map((field) => `/metadata/annotations/${field.replace("/", "~1")}`);
  const test = fc.oneof(
    fc.tuple(path, fc.option(value)).map(([at, text]) => ({ op: "test", path: at, value: text })),
    fc
      .constantFrom(`$(node_${one}.metadata.resourceVersion)`, `$(old_node_${one}.metadata.resourceVersion)`)
      .map((known) => ({ op: "test", path: "/metadata/resourceVersion", value: known })),
    flag.map((on) => ({ op: "test", path: "/spec/unschedulable", value: on })),
  );
  const change = fc.oneof(
    fc.tuple(fc.constantFrom("add", "replace"), path, value).map(([op, at, text]) => ({ op, path: at, value: text })),
    path.map((at) => ({ op: "remove", path: at })),
    flag.map((on) => ({ op: "add", path: "/spec/unschedulable", value: on })),
    fc.constant({ op: "remove", path: "/spec/unschedulable" }),
    fc.constant({ op: "add", path: "/metadata/annotations", value: { x: "whole" } }),
    taint.map((given) => ({ op: "add", path: "/spec/taints/-", value: given })),
    fc.constant({ op: "remove", path: "/spec/taints/0" }),
  );
  return fc
    .tuple(fc.array(test, { maxLength: 2 }), fc.array(change, { maxLength: 2 }))
    .map(([tests, changes]) => [...tests, ...changes]);
}

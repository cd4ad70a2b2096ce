import fc from "fast-check";
import type { Ask } from "../step.ts";
import { get, jsonPatch, merge, post, put, remove } from "../step.ts";
import { paths } from "../cases/objects.ts";
import { daemonSet, ledgerField } from "../cases/workloads.ts";
import { preconditions, version } from "./preconditions.ts";

const path = `${paths.daemonsets}/d`;
const as = "ledger";
const lock = fc.constantFrom("", "one", '{"nodeID":"n1"}');
const pointer = `/metadata/annotations/${ledgerField.replace("/", "~1")}`;

/** One request on kured's DaemonSet, mostly on its annotation. */
export const ledgerOperation: fc.Arbitrary<Ask> = fc.oneof(
  { arbitrary: fc.constant(post(paths.daemonsets, daemonSet(), { as })), weight: 2 },
  fc.constantFrom(get(path, { as }), get(path, { as: `old_${as}` })),
  fc
    .tuple(lock, version(as))
    .map(([text, more]) => merge(path, { metadata: { annotations: { [ledgerField]: text }, ...more } }, { as })),
  fc
    .tuple(lock, version(as))
    .map(([text, more]) => put(path, daemonSet({ annotations: { [ledgerField]: text }, ...more }), { as })),
  fc.tuple(fc.option(lock), lock).map(([known, text]) =>
    jsonPatch(
      path,
      [
        { op: "test", path: pointer, value: known },
        { op: "add", path: pointer, value: text },
      ],
      { as },
    ),
  ),
  fc.constant(merge(path, { metadata: { annotations: null } }, { as })),
  fc
    .constantFrom("1", "2")
    .map((text) => merge(path, { spec: { template: { metadata: { annotations: { text } } } } }, { as })),
  preconditions(as).map((options) => remove(path, options)),
);

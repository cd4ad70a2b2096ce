import fc from "fast-check";
import type { Ask, Step } from "../step.ts";
import { get, open, post, read } from "../step.ts";
import { node, paths, pod } from "../cases/objects.ts";
import { budgetOperation } from "./budgets.ts";
import { ledgerOperation } from "./ledgers.ts";
import { leaseOperation } from "./leases.ts";
import { nodeOperation } from "./nodes.ts";
import { podOperation } from "./pods.ts";

/** Sequences of requests on a few objects, so that they often meet; `length` is the longest. */
export function sequences(length: number): fc.Arbitrary<readonly Ask[]> {
  const operation = fc.oneof(
    { arbitrary: nodeOperation, weight: 4 },
    { arbitrary: podOperation, weight: 4 },
    { arbitrary: budgetOperation, weight: 2 },
    { arbitrary: leaseOperation, weight: 1 },
    { arbitrary: ledgerOperation, weight: 2 },
    { arbitrary: listing, weight: 1 },
  );
  return fc.array(operation, { minLength: 1, maxLength: length, size: "max" });
}

/** The sequence between watches that are open all the time and, at their end, bring what comes last. */
export function watched(sequence: readonly Ask[]): readonly Step[] {
  // From a version and not from now, for which the real server would first ask etcd how far it has got.
  const from = "watch=true&resourceVersion=$(account.metadata.resourceVersion)";
  const selections = {
    nodes: `${paths.nodes}?${from}&labelSelector=case%3D$(ns)`,
    cordoned: `${paths.nodes}?${from}&labelSelector=case%3D$(ns)&fieldSelector=spec.unschedulable%3Dtrue`,
    pods: `${paths.pods}?${from}`,
    placed: `${paths.pods}?${from}&fieldSelector=spec.nodeName%3D$(ns)-n`,
    web: `${paths.pods}?${from}&labelSelector=app%3Dweb`,
    budgets: `${paths.budgets}?${from}`,
  };
  return [
    ...Object.entries(selections).map(([name, path]) => open(name, path)),
    ...sequence,
    post(paths.nodes, node("last", { spec: { unschedulable: true } })),
    post(paths.pods, pod("last")),
    post(paths.budgets, { metadata: { name: "last" }, spec: { minAvailable: 1 } }),
    ...Object.keys(selections).map((name) => read(name, "last")),
  ];
}

const selector = fc.constantFrom("", "&labelSelector=app%3Dweb", "&labelSelector=app!%3Dweb", "&labelSelector=!app");
const pageOf = fc.constantFrom("limit=1", "limit=2", "limit=1&continue=$(page.metadata.continue)", "limit=0");

const listing: fc.Arbitrary<Ask> = fc.oneof(
  fc.tuple(pageOf, selector).map(([page, selected]) => get(`${paths.pods}?${page}${selected}`, { as: "page" })),
  fc
    .constantFrom("spec.nodeName%3D$(ns)-n", "status.phase%3DRunning", "metadata.name!%3Dp", "status.phase!%3DPending")
    .map((fields) => get(`${paths.pods}?fieldSelector=${fields}`)),
  fc
    .constantFrom("", "&fieldSelector=spec.unschedulable%3Dtrue", "&fieldSelector=metadata.name%3D$(ns)-a")
    .map((fields) => get(`${paths.nodes}?labelSelector=case%3D$(ns)${fields}`)),
);

import fc from "fast-check";
import type { Ask } from "../step.ts";
import { get, merge, post, put, remove } from "../step.ts";
import { lease, paths } from "../cases/objects.ts";
import { preconditions, version } from "./preconditions.ts";

const path = `${paths.leases}/l`;
const as = "lease";
const holder = fc.constantFrom("one", "two", "");

/** One request on the one Lease, or on an Event that tells of it. */
export const leaseOperation: fc.Arbitrary<Ask> = fc.oneof(
  fc.constant(post(paths.leases, lease("l"), { as })),
  fc.constantFrom(get(path, { as }), get(path, { as: `old_${as}` })),
  fc.tuple(holder, version(as)).map(([holderIdentity, more]) =>
    put(
      path,
      {
        kind: "Lease",
        apiVersion: "coordination.k8s.io/v1",
        metadata: { name: "l", ...more },
        spec: { holderIdentity, leaseDurationSeconds: 15 },
      },
      { as },
    ),
  ),
  fc
    .tuple(holder, version(as))
    .map(([holderIdentity, more]) => merge(path, { metadata: more, spec: { holderIdentity } }, { as })),
  preconditions(as).map((options) => remove(path, options)),
  fc.constantFrom("e", "f").map((name) =>
    post(paths.events, {
      metadata: { name },
      involvedObject: { kind: "Lease", name: "l", namespace: "$(ns)" },
      reason: "Told",
      message: "something",
      type: "Normal",
    }),
  ),
);

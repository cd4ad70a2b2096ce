import fc from "fast-check";
import type { Ask } from "../step.ts";
import { get, merge, post, remove, strategic } from "../step.ts";
import { eviction, paths, pod, podStatus } from "../cases/objects.ts";
import { evictionOptions, finalizers, preconditions, version } from "./preconditions.ts";

const name = fc.constantFrom("p", "q", "r");
const label = fc.constantFrom("web", "other");

/** One request on one of three Pods. */
export const podOperation: fc.Arbitrary<Ask> = name.chain((one) => {
  const [path, as] = [`${paths.pods}/${one}`, `pod_${one}`];
  return fc.oneof(
    {
      arbitrary: fc.tuple(fc.boolean(), label, fc.constantFrom(0, 30)).map(([waits, app, seconds]) =>
        post(paths.pods, pod(one, { waits, labels: { app }, spec: { terminationGracePeriodSeconds: seconds } }), {
          as,
        }),
      ),
      weight: 4,
    },
    fc.constantFrom(get(path, { as }), get(path, { as: `old_${as}` })),
    {
      arbitrary: fc
        .tuple(fc.constantFrom("Running", "Running", "Pending", "Succeeded", "Failed"), fc.boolean())
        .map(([phase, ready]) => strategic(`${path}/status`, podStatus({ phase, ready }), { as })),
      weight: 2,
    },
    preconditions(as).map((options) => remove(path, options)),
    { arbitrary: evictionOptions(as).map((options) => post(`${path}/eviction`, eviction(one, options))), weight: 3 },
    fc.tuple(label, version(as)).map(([app, more]) => merge(path, { metadata: { labels: { app }, ...more } }, { as })),
    finalizers.map((body) => strategic(path, body, { as })),
    fc.constant(post(`${path}/binding`, { metadata: { name: one }, target: { kind: "Node", name: "$(ns)-n" } })),
  );
});

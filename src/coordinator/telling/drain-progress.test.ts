import assert from "node:assert/strict";
import { test } from "node:test";
import { node, now, view } from "../../core/testing/builders.ts";
import type { Reason } from "../../core/verdict/reason.ts";
import { families } from "../../telemetry/families.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { tellingDrainProgress } from "./drain-progress.ts";

test("the pods in the way of a drain are counted by state, and by nothing any more when it is over or its node is gone", () => {
  const metrics = createMetrics(families);
  const teller = tellingDrainProgress({ tell: () => Infinity }, { metrics });
  const tell = (reasons: Readonly<Record<string, Reason>>) => {
    const verdicts = Object.entries(reasons).map(([name, reason]) => ({ node: name, reasons: [reason] as const }));
    teller.tell(verdicts, { view: view({ nodes: verdicts.map(({ node: name }) => node({ name })) }), now });
    const found = metrics.read().find(({ family }) => family.name === "kured_drain_pods");
    return (found?.samples ?? []).map(({ labels, value }) => `${labels["node"]} ${labels["state"]} ${value}`);
  };
  const drains = { code: "DrainBlocked", left: 3, pods: [], byState: { due: 1, refused: 2 } } as const;
  const unseen = { code: "Draining", pods: [] } as const;
  const of = (name: string, counts: string) =>
    ["due", "refused", "terminating", "waiting"].map((state, index) => `${name} ${state} ${counts[index]}`);
  assert.deepEqual(tell({ n1: drains, n2: drains }), [...of("n1", "1200"), ...of("n2", "1200")]);
  assert.deepEqual(tell({ n1: { ...drains, code: "Draining", byState: { terminating: 1 } } }), of("n1", "0010"));
  assert.deepEqual(tell({ n1: unseen }), []);
  assert.deepEqual(tell({ n1: drains }), of("n1", "1200"));
  assert.deepEqual(tell({ n1: { code: "Approved" } }), []);
});

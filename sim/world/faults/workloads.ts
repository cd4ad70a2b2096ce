import type { Mishap } from "./mishap.ts";

const budgetPath = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web";

/** Pods that come and go, and budgets that change. */
export const workloadMishaps: readonly Mishap[] = [
  {
    name: "a budget closes",
    happen: ({ people }) => void people.merge(budgetPath, { spec: { maxUnavailable: 0 } }),
  },
  {
    name: "a budget opens",
    happen: ({ people }) => void people.merge(budgetPath, { spec: { maxUnavailable: 1 } }),
  },
  {
    name: "a second budget on the same pods",
    happen: ({ people }) => {
      const path = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets";
      if (people.get(`${path}/second`) !== undefined) return;
      people.create(path, {
        metadata: { name: "second" },
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
      });
    },
  },
  {
    name: "only one budget again",
    happen: ({ people }) => people.remove("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/second"),
  },
  {
    name: "a pod slips past the cordon",
    happen: ({ people }, { machine, dice }) => {
      if (people.get(`/api/v1/nodes/${machine.name}`) === undefined) return;
      people.create("/api/v1/namespaces/default/pods", {
        metadata: { name: `sneaky-${dice.hex(4)}` },
        spec: { nodeName: machine.name, containers: [{ name: "main", image: "sneaky" }] },
      });
    },
  },
  {
    name: "a workload is scaled",
    happen: ({ people }, { dice }) =>
      void people.merge("/apis/apps/v1/namespaces/jobs/deployments/batch", { spec: { replicas: dice.between(0, 6) } }),
  },
];

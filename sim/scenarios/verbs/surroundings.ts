import type { Verb } from "./verb.ts";

/** The network, the API server, workloads and alerts. */
export const surroundingsVerbs: readonly Verb[] = [
  {
    form: "the API server is away for {duration}",
    happen: ({ network, machines, server }, words) => {
      for (const name of machines.keys()) network.cutOff(name, words.ms());
      server.cutWatches("cut");
    },
  },
  {
    form: "{node} is cut off for {duration}",
    happen: ({ network }, words) => network.cutOff(words.text("node"), words.ms()),
  },
  {
    form: "the API server refuses everything for {duration}",
    happen: ({ network }, words) => network.storm(1, words.ms()),
  },
  {
    form: "the history of the API server is compacted",
    happen: ({ server }) => {
      server.compact();
      server.cutWatches("cut");
    },
  },
  {
    form: "the budget of web allows {number} pods to be away",
    happen: ({ people }, words) => {
      const path = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web";
      const changed = people.merge(path, { spec: { maxUnavailable: Number(words.text("number")) } });
      if (changed === undefined) throw new Error("web has a budget only where there are two workers");
    },
  },
  {
    form: "a pod {name} starts on {node}",
    happen: ({ people }, words) => {
      const name = words.text("name");
      people.create("/api/v1/namespaces/default/pods", {
        metadata: { name, labels: { app: name } },
        spec: { nodeName: words.text("node"), containers: [{ name: "main", image: name }] },
      });
    },
  },
  {
    form: "the pod {name} ends",
    happen: ({ people }, words) => people.stop(`/api/v1/namespaces/default/pods/${words.text("name")}`),
  },
  {
    form: "an alert fires",
    happen: ({ alarms }) => {
      alarms.state = "firing";
    },
  },
  {
    form: "no alert fires",
    happen: ({ alarms }) => {
      alarms.state = "quiet";
    },
  },
  {
    form: "Prometheus does not answer",
    happen: ({ alarms }) => {
      alarms.state = "silent";
    },
  },
];

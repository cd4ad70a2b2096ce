import { podPath } from "../../cluster/admin.ts";
import type { AlarmState } from "../hosts/alarms.ts";
import type { Mishap } from "./mishap.ts";

/** What stops reboots from outside: alerts, a Prometheus that is away, pods that must not be disturbed. */
export const gateMishaps: readonly Mishap[] = [
  prometheus("quiet"),
  prometheus("firing"),
  prometheus("broken"),
  prometheus("silent"),
  {
    name: "a pod blocks its node",
    happen: ({ people, timeline }, { machine, dice }) => {
      if (people.get(`/api/v1/nodes/${machine.name}`) === undefined) return;
      const pod = people.create("/api/v1/namespaces/default/pods", {
        metadata: { name: `blocker-${dice.hex(4)}`, labels: { app: "blocker" } },
        spec: { nodeName: machine.name, containers: [{ name: "main", image: "blocker" }] },
      });
      timeline.after(dice.between(60_000, 900_000), () => people.stop(podPath(pod)));
    },
  },
];

function prometheus(state: AlarmState): Mishap {
  return {
    name: `Prometheus is ${state}`,
    happen: ({ alarms }) => {
      alarms.state = state;
    },
  };
}

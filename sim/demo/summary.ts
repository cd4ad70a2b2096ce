import { textAt } from "../apiserver/objects/json.ts";
import { decodeNode } from "../../src/core/fleet/node.ts";
import type { Stage } from "./stage.ts";

/** What is the case when the dust has settled. */
export interface Findings {
  readonly ok: boolean;
  readonly rebooted: readonly string[];
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
}

/** Whether every one of these nodes has been rebooted and nothing is left to clean up. */
export function isSettled(stage: Stage, wanted: readonly string[]): boolean {
  return findings(stage, wanted).ok;
}

/** Looks at the cluster itself, not at what the daemons say. */
export function findings(stage: Stage, wanted: readonly string[]): Findings {
  const rebooted = stage.nodes.filter((node) => stage.machine(node).boots() > 1);
  const missing = wanted.filter((node) => !rebooted.includes(node)).map((node) => `${node} was not rebooted.`);
  const twice = stage.nodes.filter((node) => stage.machine(node).boots() > 2 && wanted.includes(node));
  const faults = [...missing, ...twice.map((node) => `${node} was rebooted more than once.`), ...leftovers(stage)];
  return { ok: faults.length === 0, rebooted, faults };
}

function leftovers(stage: Stage): readonly string[] {
  const nodes = stage.cluster.server.objects("nodes").flatMap((object) => decodeNode(object) ?? []);
  const daemonSet = stage.cluster.admin.get("/apis/apps/v1/namespaces/kube-system/daemonsets/kured");
  const lock = daemonSet && textAt(daemonSet, "metadata", "annotations", "weave.works/kured-node-lock");
  return [
    ...nodes.filter(({ unschedulable }) => unschedulable).map(({ name }) => `${name} is still cordoned.`),
    ...nodes.filter(({ ready }) => !ready).map(({ name }) => `${name} is not Ready.`),
    ...nodes
      .filter(({ record }) => record.kind !== "absent")
      .map(({ name }) => `${name} still has a maintenance record.`),
    ...(lock === undefined ? [] : [`The lock is still held: ${lock}.`]),
  ];
}

import { recordAnnotation } from "../../../src/core/fleet/record.ts";
import { reportAnnotation } from "../../../src/core/fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../../src/core/fleet/request.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { JsonObject } from "../../apiserver/objects/json.ts";
import { installation } from "../installation.ts";
import { lockAnnotation } from "../network/acts.ts";
import { annotationOf, lockText, nodeNamed } from "../reading.ts";
import { daemonSetPath, type World } from "../world.ts";
import type { Mishap, Place } from "./mishap.ts";
import { nodePath } from "./mishap.ts";

/** What people do to Nodes, to the fleet, and to annotations and a Lease that they had better leave alone. */
export const peopleMishaps: readonly Mishap[] = [
  { name: "somebody cordons", happen: (world, place) => cordon(world, place, true) },
  { name: "somebody uncordons", happen: (world, place) => cordon(world, place, false) },
  annotated("a node is paused", { [pauseAnnotation]: "true" }),
  annotated("a node is held", { [holdAnnotation]: "true" }),
  {
    name: "a node is held for a while",
    happen: (world, place) => {
      const until = `${new Date(world.timeline.wallMs + place.dice.between(60, 900) * 1_000).toISOString().slice(0, 19)}Z`;
      annotate(world, place, { [holdAnnotation]: JSON.stringify({ until, reason: "maintenance of ours" }) });
    },
  },
  annotated("a node is released", { [pauseAnnotation]: null, [holdAnnotation]: null }),
  fleet("the fleet is paused", { [pauseAnnotation]: "true" }),
  fleet("the fleet goes on", { [pauseAnnotation]: null }),
  annotated("a record is deleted", { [recordAnnotation]: null }),
  annotated("a record is overwritten", { [recordAnnotation]: "=stop" }),
  annotated("a report is deleted", { [reportAnnotation]: null }),
  annotated("a report is overwritten", { [reportAnnotation]: "=what" }),
  {
    name: "another installation's record",
    happen: (world, place) => {
      const node = nodeNamed(place.machine.name, world);
      if (annotationOf(node, recordAnnotation) === undefined)
        annotate(world, place, { [recordAnnotation]: foreignRecord });
    },
  },
  fleet("the lock is deleted", { [lockAnnotation]: null }),
  fleet("the lock is taken by hand", { [lockAnnotation]: '{"nodeID":"manual"}' }),
  fleet("the lock is overwritten", { [lockAnnotation]: "=stop" }),
  { name: "the Lease is deleted", happen: ({ people }) => people.remove(leasePath) },
  {
    name: "the lock is an empty list",
    happen: (world) => {
      if (parseLedger(lockText(world)).kind === "free")
        annotateFleet(world, { [lockAnnotation]: '{"maxOwners":2,"locks":[]}' });
    },
  },
];

/** The coordinators' Lease. */
const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${installation.namespace}/leases/${installation.daemonSet}`;

function annotated(name: string, annotations: JsonObject): Mishap {
  return { name, happen: (world, place) => annotate(world, place, annotations) };
}

function fleet(name: string, annotations: JsonObject): Mishap {
  return { name, happen: (world) => annotateFleet(world, annotations) };
}

function annotate({ people }: World, { machine }: Place, annotations: JsonObject): void {
  people.merge(nodePath(machine), { metadata: { annotations } });
}

/** Annotations of kured's DaemonSet. */
export function annotateFleet({ people }: World, annotations: JsonObject): void {
  people.merge(daemonSetPath, { metadata: { annotations } });
}

/** As kubectl does: who finds the node as she wants it writes nothing. */
function cordon(world: World, { machine }: Place, unschedulable: boolean): void {
  const node = nodeNamed(machine.name, world);
  if (node === undefined || (at(node, "spec", "unschedulable") === true) === unschedulable) return;
  world.people.merge(nodePath(machine), { spec: { unschedulable: unschedulable ? true : null } });
}

const foreignRecord = JSON.stringify({
  owner: "other/kured",
  id: "x",
  term: 0,
  phase: "draining",
  since: "2026-05-04T12:00:00.000Z",
  boot: "b",
  machine: "m",
  lock: "l",
});

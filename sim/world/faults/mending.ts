import { decodeRecord, recordAnnotation } from "../../../src/core/fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../../src/core/fleet/report.ts";
import { holdAnnotation, pauseAnnotation } from "../../../src/core/fleet/request.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at } from "../../apiserver/objects/json.ts";
import type { Machine } from "../hosts/machine.ts";
import { lockAnnotation } from "../network/acts.ts";
import { annotationOf, lockText, nodeNamed, recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import { nodePath } from "./mishap.ts";
import { annotateFleet } from "./people.ts";
import { finishRollOut } from "./roll-out.ts";
import { daemonOn, replace } from "./processes.ts";

/** Everything that went wrong from outside is put right; what kured itself has made is left to kured. */
export function mend(world: World): void {
  const { network, crashPlan, people, machines } = world;
  world.note("everything is mended");
  network.calmDown();
  crashPlan.end();
  world.alarms.state = "quiet";
  openWindow(world);
  annotateFleet(world, { [pauseAnnotation]: null });
  people.remove("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/second");
  if (people.get("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web") !== undefined)
    people.merge("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web", { spec: { maxUnavailable: 1 } });
  // Before the nodes, because a cordon may be known by nothing but the lock.
  const ledger = parseLedger(lockText(world));
  const known = entriesOf(ledger).every(({ nodeId, createdMs }) => createdMs !== undefined && machines.has(nodeId));
  if (ledger.kind === "unreadable" || !known) annotateFleet(world, { [lockAnnotation]: null });
  for (const machine of machines.values()) {
    mendMachine(machine);
    mendNode(machine, world);
  }
}

/** New flags are rolled out: the daemons' pods are replaced. */
function openWindow(world: World): void {
  const open = world.flags.filter((flag) => !/^--(start-time|end-time|reboot-days)=/.test(flag));
  if (open.length === world.flags.length) return;
  world.flags = open;
  for (const container of world.kubelets.containers) replace(world, container);
}

function mendMachine(machine: Machine): void {
  machine.mode = "works";
  machine.returns = "back";
  machine.stubborn = false;
  machine.time.correct();
  if (machine.sentinel === "unreadable") machine.setSentinel("present");
  machine.pressPower();
  machine.registerAgain();
}

function mendNode(machine: Machine, world: World): void {
  const node = nodeNamed(machine.name, world);
  if (node === undefined) return;
  const foreign = annotationOf(node, recordAnnotation) !== undefined && recordOn(node) === undefined;
  const uncordons = at(node, "spec", "unschedulable") === true && !world.cordons.isOurs(machine.name);
  world.people.merge(nodePath(machine), {
    metadata: {
      annotations: {
        [pauseAnnotation]: null,
        [holdAnnotation]: null,
        ...(foreign && { [recordAnnotation]: null }),
      },
    },
    ...(uncordons && { spec: { unschedulable: null } }),
  });
}

/** Where every worker is cordoned and no coordinator is left, none can start: somebody gives them a place. */
function makeRoom({ kubelets, machines, people, mode }: World): void {
  const isLed = kubelets.containers.some(({ workplace }) => workplace.role === "coordinator");
  if (mode === "classic" || isLed) return;
  const worker = [...machines.values()].find(({ controlPlane, state }) => !controlPlane && state === "up");
  if (worker !== undefined) uncordon(worker, { people });
}

function uncordon(machine: Machine, { people }: Pick<World, "people">): void {
  people.merge(nodePath(machine), { spec: { unschedulable: null } });
}

/** What an operator does for a node that is told to be overdue, failed, or to ask again after its reboot. */
export function lookAfter(world: World): void {
  finishRollOut(world);
  if (world.timeline.nowMs % 300_000 < 15_000) makeRoom(world);
  for (const machine of world.machines.values()) {
    machine.pressPower();
    const node = nodeNamed(machine.name, world);
    const reading = decodeRecord(annotationOf(node, recordAnnotation));
    if (reading.kind === "absent" && world.cordons.owner(machine.name) === "person") uncordon(machine, world);
    if (node === undefined || reading.kind !== "record") continue;
    const { record } = reading;
    const daemon = daemonOn(world, { machine });
    if (record.failure !== undefined && record.failure.pod === daemon?.workplace.pod.uid) replace(world, daemon);
    const ageMs = world.timeline.wallMs - record.phaseSinceMs;
    if (
      record.phase === "rebooting" &&
      ageMs > 25 * 60_000 &&
      record.failure === undefined &&
      record.boot === machine.bootId
    )
      machine.goDown(1_000);
    const report = decodeReport(annotationOf(node, reportAnnotation));
    if (record.outcome === "stillRequired" && report.kind === "report" && ageMs > 60_000) machine.setSentinel("absent");
  }
}

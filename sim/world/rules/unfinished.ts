import { decodeRecord, recordAnnotation } from "../../../src/core/fleet/record.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at, textAt } from "../../apiserver/objects/json.ts";
import { lockText } from "../reading.ts";
import type { World } from "../world.ts";

/** Rule 9: what is not as it should be once every node has been rebooted that needed it. */
export function unfinished(world: World): readonly string[] {
  const found: string[] = [];
  for (const machine of world.machines.values()) {
    if (machine.state !== "up") found.push(`${machine.name} is ${machine.state}`);
    if (machine.sentinel !== "absent") found.push(`${machine.name} still needs a reboot (${machine.sentinel})`);
  }
  for (const node of world.server.objects("nodes")) {
    const { name } = node.metadata;
    const record = decodeRecord(textAt(node, "metadata", "annotations", recordAnnotation));
    if (record.kind !== "absent") found.push(`${name} has a record: ${record.text}`);
    if (at(node, "spec", "unschedulable") === true) found.push(`${name} is cordoned`);
  }
  for (const { nodeId } of entriesOf(parseLedger(lockText(world)))) found.push(`${nodeId} is in the lock`);
  return found;
}

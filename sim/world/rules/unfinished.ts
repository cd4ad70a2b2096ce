import { inProgressAnnotation } from "../../../src/core/fleet/node.ts";
import { decodeRecord, recordAnnotation } from "../../../src/core/fleet/record.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import { at, listAt, textAt } from "../../apiserver/objects/json.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import { annotationOf, lockText } from "../reading.ts";
import type { World } from "../world.ts";

/** Labels, taint and annotation of kured's flags; what a label was is known to nobody once its record is gone. */
function marksLeft(node: KubeObject, { rewritten }: { readonly rewritten: boolean }): readonly string[] {
  const { name } = node.metadata;
  const labelled = !rewritten && textAt(node, "metadata", "labels", "kured.dev/a") === "down";
  const tainted = listAt(node, "spec", "taints").some((taint) => at(taint, "key") === "kured");
  return [
    ...(labelled ? [`${name} keeps our label`] : []),
    ...(tainted ? [`${name} keeps our taint`] : []),
    ...(annotationOf(node, inProgressAnnotation) === undefined ? [] : [`${name} is said to be in progress`]),
  ];
}

/**
 * Rule 9: what is not as it should be once every node has been rebooted that needed it. `rewritten` are nodes whose
 * record others have changed at some time.
 */
export function unfinished(world: World, rewritten: ReadonlySet<string> = new Set()): readonly string[] {
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
    found.push(...marksLeft(node, { rewritten: rewritten.has(name) }));
  }
  for (const { nodeId } of entriesOf(parseLedger(lockText(world)))) found.push(`${nodeId} is in the lock`);
  return found;
}

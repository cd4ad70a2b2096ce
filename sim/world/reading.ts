import { decodeRecord, recordAnnotation } from "../../src/core/fleet/record.ts";
import type { MaintenanceRecord } from "../../src/core/fleet/record.ts";
import { textAt } from "../apiserver/objects/json.ts";
import type { KubeObject } from "../apiserver/objects/object.ts";
import { remembered } from "../apiserver/objects/remembered.ts";
import type { ApiServer } from "../apiserver/server.ts";
import { installation } from "./installation.ts";
import { lockAnnotation } from "./network/acts.ts";

/** What is read of a world's API server. */
export interface Readable {
  readonly server: ApiServer;
}

/** The Node of this name. */
export function nodeNamed(name: string, { server }: Readable): KubeObject | undefined {
  return server.objects("nodes").find(({ metadata }) => metadata.name === name);
}

/** kured's lock annotation as it stands. */
export function lockText({ server }: Readable): string | undefined {
  return lockTextOf(
    server.objects("daemonsets", { group: "apps" }).find(({ metadata }) => metadata.name === installation.daemonSet),
  );
}

/** kured's lock annotation on this DaemonSet. */
export function lockTextOf(daemonSet: KubeObject | undefined): string | undefined {
  return textAt(daemonSet, "metadata", "annotations", lockAnnotation);
}

/** Our record on this Node, if it has one that can be read. */
export function recordOn(node: KubeObject | undefined): MaintenanceRecord | undefined {
  return node === undefined ? undefined : ownRecord(node);
}

/** Every rule asks this of every write. */
const ownRecord = remembered((node: KubeObject) => {
  const reading = decodeRecord(annotationOf(node, recordAnnotation));
  const own = `${installation.namespace}/${installation.daemonSet}`;
  return reading.kind === "record" && reading.record.owner === own ? reading.record : undefined;
});

/** An annotation's text. */
export function annotationOf(object: KubeObject | undefined, key: string): string | undefined {
  return textAt(object, "metadata", "annotations", key);
}

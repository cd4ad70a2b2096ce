import { createHash } from "node:crypto";
import { join } from "node:path";
import { root } from "../../tools/source.ts";

/**
 * The folder of this checkout's own rig: the one that `KURED_NODES` names, else one below /var/tmp, which lies on a
 * disk where /tmp may not: a machine's disk is an overlay, and cannot lie on another or in memory.
 */
export function rigFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["KURED_NODES"] ?? "";
  if (given !== "") return given;
  return join("/var/tmp", `kured-nodes-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);
}

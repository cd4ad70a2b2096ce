import { join } from "node:path";
import { root } from "../../tools/source.ts";
import { runToEnd } from "../controlplane/processes.ts";
import { demandMachine } from "./prepare/needs.ts";
import { intoRig, startKeeper, stopKeeper } from "./start.ts";

/** What a program is started through to be in the rig, and where that is: `KURED_NODES` of its environment. */
export interface OwnRig {
  readonly through: readonly [string, ...string[]];
  readonly folder: string;
}

/**
 * Builds kured and its image, starts a rig of this process's own that has it, and ends the rig when `work` is over.
 * Rejects with the remedy where nodes cannot run.
 */
export async function withOwnRig<T>(
  work: (rig: OwnRig) => Promise<T>,
  options: { readonly count: number; readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<T> {
  const folder = `/var/tmp/kured-nodes-${process.pid}`;
  const { log, signal } = options;
  await demandMachine();
  const node = async (...argv: readonly string[]): Promise<void> => {
    const environment = { ...process.env, KURED_NODES: folder };
    const end = await runToEnd([process.execPath, ...argv], { folder: root, environment, signal });
    if (end.code !== 0) throw new Error(`node ${argv.join(" ")} ended with ${end.code}:\n${end.stdout}${end.stderr}`);
  };
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  log("building kured and its image");
  await node("tools/build.ts", "--node-only");
  await node("tools/image/main.ts", "--newest", "--arch", architecture);
  try {
    await startKeeper(folder, { ...options, detached: false });
    await node("test/nodes/main.ts", "load", join(root, `dist/image/kured.${architecture}.docker.tar`));
    return await work({ folder, through: await intoRig(folder) });
  } finally {
    await stopKeeper(folder, { log: () => undefined, signal: new AbortController().signal });
  }
}

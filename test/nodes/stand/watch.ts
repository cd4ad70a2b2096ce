import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { KubeObject, Selection } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { rigEnvironment, type Rig } from "../rig.ts";

/** What has happened to an object, and when it was seen, in ms of wall time. */
export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
  readonly seenAtMs: number;
}

/**
 * Everything that happens to objects of one kind, as `kubectl get --watch` sees it: no change is missed, be it ever so
 * short.
 */
export interface Watch<T> {
  readonly changes: readonly Change<T>[];
  /**
   * Ends it once it has seen all that is so now; rejects if it had ended by itself, and so may have missed something.
   */
  stop(): Promise<void>;
}

/** Watches the objects of a kind, from all that are there now on. */
export function watch<T extends KubeObject>(rig: Rig, selection: Selection): Watch<T> {
  const namespace = selection.namespace === undefined ? [] : [`--namespace=${selection.namespace}`];
  const words = ["get", selection.kind, ...namespace, "--watch", "--output-watch-events", "--output=json"];
  const { signal } = rig; // A test that fails before it stops its watches must not leave them.
  const env = rigEnvironment(rig.folder, rig);
  const child = spawn("kubectl", words, { env, stdio: ["ignore", "pipe", "pipe"], signal });
  let said = "";
  child.once("error", (error) => (said += error.message));
  const changes: Change<T>[] = [];
  const isSeen = ({ metadata }: KubeObject): boolean =>
    changes.some(({ object }) => object.metadata.resourceVersion === metadata.resourceVersion);
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  createInterface(child.stdout).on("line", (line) => {
    changes.push({ ...(JSON.parse(line) as Omit<Change<T>, "seenAtMs">), seenAtMs: Date.now() });
  });
  return {
    changes,
    stop: async () => {
      const present = await rig.admin.list(selection);
      await waitFor("the watch to come to the present", () => Promise.resolve(present.every(isSeen)), { signal });
      if (child.exitCode !== null) throw new Error(`kubectl get ${selection.kind} has not watched to the end: ${said}`);
      child.kill("SIGKILL");
    },
  };
}

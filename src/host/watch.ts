import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import type { Clock } from "../ports/clock.ts";

/** A mount over a watched folder ends the watch without a word, so all are taken anew now and then. */
const renewAfterMs = 15 * 60_000;
/** After a failure, for example for lack of inotify watches. */
const retryAfterMs = 60_000;

/** What `watchPath` needs beside the path. */
export interface PathWatch {
  readonly changed: () => void;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Watches every existing folder on the way to `path`, because a folder tells nothing of what happens to the ones
 * above it. When a part of the way appears, disappears or is replaced, all watches are taken anew.
 */
export function watchPath(path: string, { changed, signal, clock }: PathWatch): void {
  if (signal.aborted) return;
  const names = path.split("/").filter((name) => name !== "");
  let watchers: FSWatcher[] = [];
  let failed = false;
  takeAnew();
  signal.addEventListener("abort", close, { once: true });
  renew().catch(() => undefined); // Ends with `signal`.

  function takeAnew(): void {
    close();
    failed = false;
    for (const depth of names.keys()) {
      const outcome = watchFolder(depth);
      // Whatever appears from here on is told by the folder above.
      if (outcome === "absent") return;
      if (outcome === "failed") failed = true;
    }
  }

  function watchFolder(depth: number): "watched" | "absent" | "failed" {
    try {
      const folder = `/${names.slice(0, depth).join("/")}`;
      const watcher = watch(folder, { persistent: false }, (_event, name) => heard(depth, name));
      watcher.on("error", () => {
        failed = true;
        watcher.close();
      });
      watchers.push(watcher);
      return "watched";
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      return code === "ENOENT" || code === "ENOTDIR" ? "absent" : "failed";
    }
  }

  function heard(depth: number, name: string | null): void {
    if (signal.aborted) return;
    const isLast = depth === names.length - 1;
    // A folder tells of its own removal with its own name; kubelet swaps whole volumes by their link `..data`.
    const concernsTheWay = name === null || name === names[depth - 1] || (!isLast && name === names[depth]);
    if (concernsTheWay) takeAnew();
    if (concernsTheWay || name === names[depth] || name === "..data") changed();
  }

  function close(): void {
    for (const watcher of watchers) watcher.close();
    watchers = [];
  }

  async function renew(): Promise<never> {
    for (;;) {
      await clock.sleep(failed ? retryAfterMs : renewAfterMs, { signal });
      takeAnew();
      // A folder that may not be watched says nothing new by still being so.
      if (!failed) changed();
    }
  }
}

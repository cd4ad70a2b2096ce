import type { Clock } from "../../../src/ports/clock.ts";
import type { Watch } from "../verbs/watch.ts";

/** Where the bytes of a watch go. */
export interface WatchSink {
  /** One or more whole lines. */
  write(text: string): void;
  /** The last word, called once: in order, or in the middle of the body. */
  end(how: "closed" | "cut"): void;
}

/** Where a watch is written to, and what ends it. */
export interface WatchStreamOptions {
  readonly sink: WatchSink;
  /** Without one the watch has no time limit. */
  readonly clock: Clock | undefined;
  /** A network that gives up after so many bytes of body. */
  readonly cutAfterBytes: number | undefined;
}

/** Opens a watch into a sink and ends it when its time is over. The answer stops all of it without a last word. */
export function streamWatch(watch: Watch, { sink, clock, cutAfterBytes }: WatchStreamOptions): () => void {
  const over = new AbortController();
  let left = cutAfterBytes ?? Number.POSITIVE_INFINITY;
  watch.open({
    line: (text) => {
      sink.write(left < text.length ? text.slice(0, left) : text);
      left -= text.length;
      if (left < 0) watch.end("cut");
    },
    end: (how) => {
      over.abort();
      sink.end(how);
    },
  });
  if (clock !== undefined) finishInTime(watch, { clock, signal: over.signal });
  return () => {
    watch.forget();
    over.abort();
  };
}

function finishInTime(watch: Watch, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): void {
  const beforeMs = Math.max(0, watch.timeoutMs - bookmarkBeforeEndMs);
  const inTime = async (): Promise<void> => {
    await clock.sleep(beforeMs, { signal });
    if (beforeMs > 0) watch.bookmark();
    await clock.sleep(watch.timeoutMs - beforeMs, { signal });
    watch.end("closed");
  };
  // When the watch has ended otherwise, nothing is left to time.
  inTime().catch(() => undefined);
}

/** Before the end of its time a watch says how far it has got; a shorter one never does. */
const bookmarkBeforeEndMs = 2000;

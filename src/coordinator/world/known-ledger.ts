import { decodeRequest, pauseAnnotation } from "../../core/fleet/request.ts";
import type { LedgerFacts } from "../../core/fleet/view.ts";
import { parseLedger } from "../../core/lock/ledger.ts";
import type { KubeObject } from "../../kube/object.ts";
import { isOlder, isSame } from "./version.ts";

/** Our DaemonSet with the lock annotation, as last seen. */
export interface KnownLedger {
  readonly facts: () => LedgerFacts;
  /** Whole, as it came: it is written back like that. */
  readonly daemonSet: () => KubeObject | undefined;
  /** Whether this is news; `observedAtMs` is when it was asked for. */
  readonly put: (object: KubeObject, observedAtMs: number) => boolean;
  /** It could not be read, or is not there. */
  readonly unseen: (reason: string) => void;
  /** What is known was current at this instant. */
  readonly currentAt: (observedAtMs: number) => void;
  /** A write of it may or may not have been applied. */
  readonly unsure: () => void;
}

/** Nothing has been read yet; the lock is the annotation of this name. */
export function createKnownLedger(lockAnnotation: string): KnownLedger {
  let facts: LedgerFacts = { kind: "unseen" };
  let daemonSet: KubeObject | undefined;
  const currentAt = (observedAtMs: number) => {
    if (facts.kind === "seen") facts = { ...facts, observedAtMs: Math.max(observedAtMs, facts.observedAtMs) };
  };
  return {
    facts: () => facts,
    daemonSet: () => daemonSet,
    put: (object, observedAtMs) => {
      // A watch repeats what the answer to our own write has told, and that knows better when it was true.
      if (isOlder(object, daemonSet) || isSame(object, daemonSet)) {
        currentAt(observedAtMs);
        return false;
      }
      daemonSet = object;
      const { annotations, resourceVersion } = object;
      const text = annotations[lockAnnotation];
      const pause = decodeRequest(annotations[pauseAnnotation]);
      facts = { kind: "seen", observedAtMs, resourceVersion, text, ledger: parseLedger(text), ...(pause && { pause }) };
      return true;
    },
    unseen: (reason) => {
      daemonSet = undefined;
      facts = { kind: "unseen", reason };
    },
    currentAt,
    unsure: () => {
      if (facts.kind === "seen") facts = { ...facts, observedAtMs: -Infinity };
    },
  };
}

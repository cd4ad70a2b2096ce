import type { Report } from "../fleet/report.ts";

/** Something that an agent does now, as data; see `core/action.ts` for keys. */
export type HostAction =
  /** Replaces our report; `was` is the text that it replaces, `undefined` when there is none. */
  | { readonly kind: "writeReport"; readonly key: string; readonly report: Report; readonly was: string | undefined }
  /** Draws a nonce: chance is the loop's, not the core's. */
  | { readonly kind: "drawNonce"; readonly key: string }
  /** One patch that tests the approval, the cordon, the absence of pause and hold, and says that we reboot. */
  | {
      readonly kind: "commit";
      readonly key: string;
      readonly approval: string;
      readonly report: Report;
      readonly was: string;
      readonly recordText: string;
    }
  /** Runs the reboot command or sends the signal, once. */
  | { readonly kind: "reboot"; readonly key: string; readonly approval: string; readonly beforeMs: number }
  /** A commit that was confirmed too late is not run, and the report says so; one that was not applied is dropped. */
  | { readonly kind: "giveUpCommit"; readonly key: string; readonly approval: string; readonly applied: boolean };

/** What an agent wants to know. */
export type HostQuestion =
  | { readonly kind: "sentinel"; readonly freshForMs: number }
  | { readonly kind: "ownNode"; readonly freshForMs: number }
  /** Whether a shutdown is pending on this machine. */
  | { readonly kind: "shutdown"; readonly freshForMs: number };

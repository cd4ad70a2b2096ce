import { instantField, isJsonObject, formatInstant, parseJsonObject, textField } from "../json.ts";
import type { Reason, Verdict } from "./reason.ts";
import { sentence } from "./sentence.ts";

/**
 * A verdict as it stands in the Node annotation `kured.dev/verdict`: what `kured status` and `kured explain` print,
 * and the mark that it has been told.
 */
export interface PublishedVerdict {
  readonly code: string;
  /** Since when the node is in this state, wall time of the decider. */
  readonly sinceMs: number;
  /** When this was decided, and how old its inputs were then. */
  readonly decidedAtMs: number;
  readonly nodesAgeMs: number;
  readonly ledgerAgeMs: number;
  readonly recordId?: string;
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
}

/** The verdict, ready to be written; sentences are made here so that every reader sees the same words. */
export function publish(
  { reasons, recordId }: Verdict,
  ages: {
    readonly sinceMs: number;
    readonly decidedAtMs: number;
    readonly nodesAgeMs: number;
    readonly ledgerAgeMs: number;
  },
): PublishedVerdict {
  return {
    code: reasons[0].code,
    ...ages,
    ...(recordId !== undefined && { recordId }),
    reasons: reasons.map((reason: Reason) => ({ code: reason.code, sentence: sentence(reason) })),
  };
}

/** The annotation's text. */
export function encodePublished(verdict: PublishedVerdict): string {
  return JSON.stringify({
    code: verdict.code,
    since: formatInstant(verdict.sinceMs),
    decided: formatInstant(verdict.decidedAtMs),
    nodesAgeMs: Math.round(verdict.nodesAgeMs),
    ledgerAgeMs: Math.round(verdict.ledgerAgeMs),
    record: verdict.recordId,
    reasons: verdict.reasons,
  });
}

/** Inverse of `encodePublished`; `undefined` for what we did not write. */
export function decodePublished(text: string | undefined): PublishedVerdict | undefined {
  if (text === undefined) return undefined;
  const parsed = parseJsonObject(text);
  if (parsed.kind === "not") return undefined;
  const json = parsed.object;
  const code = textField(json, "code");
  const sinceMs = instantField(json, "since");
  const decidedAtMs = instantField(json, "decided");
  if (code === undefined || sinceMs === undefined || decidedAtMs === undefined) return undefined;
  const { nodesAgeMs, ledgerAgeMs, reasons } = json;
  const recordId = textField(json, "record");
  return {
    code,
    sinceMs,
    decidedAtMs,
    nodesAgeMs: typeof nodesAgeMs === "number" ? nodesAgeMs : 0,
    ledgerAgeMs: typeof ledgerAgeMs === "number" ? ledgerAgeMs : 0,
    ...(recordId !== undefined && { recordId }),
    reasons: Array.isArray(reasons) ? reasons.flatMap(decodeReason) : [],
  };
}

/** Whether this code has been told about this maintenance. */
export function publishedFor(text: string | undefined, wanted: { code: string; recordId: string }): boolean {
  const published = decodePublished(text);
  return published?.code === wanted.code && published.recordId === wanted.recordId;
}

function decodeReason(value: unknown): PublishedVerdict["reasons"] {
  if (!isJsonObject(value)) return [];
  const code = textField(value, "code");
  const text = textField(value, "sentence");
  return code === undefined || text === undefined ? [] : [{ code, sentence: text }];
}

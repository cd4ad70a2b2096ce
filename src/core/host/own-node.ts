import { decodeRecord, recordAnnotation } from "../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../fleet/report.ts";
import { decodeRequest, holdAnnotation, inForce, pauseAnnotation } from "../fleet/request.ts";
import type { OwnNode } from "./view.ts";

/**
 * What an agent reads of its own Node's metadata, which was asked for then; requests of people as of that wall time.
 */
export function decodeOwnNode(
  { name, uid, annotations }: NodeMetadata,
  { observedAtMs, wallMs }: { readonly observedAtMs: number; readonly wallMs: number },
): OwnNode {
  const record = decodeRecord(annotations[recordAnnotation]);
  return {
    name,
    uid,
    observedAtMs,
    report: decodeReport(annotations[reportAnnotation]),
    ...(record.kind === "record" && { record: { record: record.record, text: record.text } }),
    paused: inForce(decodeRequest(annotations[pauseAnnotation]), wallMs) !== undefined,
    held: inForce(decodeRequest(annotations[holdAnnotation]), wallMs) !== undefined,
  };
}

interface NodeMetadata {
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

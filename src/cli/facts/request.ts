import type { Request } from "../../core/fleet/request.ts";
import { inForce } from "../../core/fleet/request.ts";
import { cut, printable } from "../text/printable.ts";
import { instant, span } from "../text/times.ts";

/** What somebody has asked for with an annotation, until when and why. */
export function requestText(request: Request | undefined, nowMs: number): string {
  if (request === undefined) return "none";
  const { untilMs } = request;
  const reason = request.reason === "" ? "without a reason" : `because: ${cut(printable(request.reason), 500)}`;
  if (untilMs === undefined) return `until somebody removes it, ${reason}`;
  if (inForce(request, nowMs) === undefined) return `over since ${instant(untilMs)}, ${reason}`;
  return `until ${instant(untilMs)}, in ${span(untilMs - nowMs)}, ${reason}`;
}

import { decodeRecord, recordAnnotation } from "../../../src/core/fleet/record.ts";
import { reportAnnotation } from "../../../src/core/fleet/report.ts";
import { verdictAnnotation } from "../../../src/core/fleet/node.ts";
import { parseLedger } from "../../../src/core/lock/ledger.ts";
import { entriesOf } from "../../../src/core/lock/place.ts";
import type { HttpRequest } from "../../../src/ports/transport.ts";
import { isList, objectAt, parseJson, textAt } from "../../apiserver/objects/json.ts";
import type { Json } from "../../apiserver/objects/json.ts";
import type { ApiServer } from "../../apiserver/server.ts";

/** kured's lock annotation, where nothing else is asked for. */
export const lockAnnotation = "weave.works/kured-node-lock";

/** What a request is about, in a few words: `record draining`, `ledger take`, `evict`, `commit`, `list pods`. */
export function actOf(request: HttpRequest, server: ApiServer): string {
  const [path = "", query = ""] = request.path.split("?");
  const parts = path.split("/").slice(path.startsWith("/apis/") ? 4 : 3);
  const [plural = "", name] = parts[0] === "namespaces" && parts.length > 2 ? parts.slice(2) : parts;
  if (request.method === "GET") return `${verbOf(query, name)} ${plural}`;
  if (path.endsWith("/eviction")) return "evict";
  if (plural === "nodes") return nodeWrite(parseJson(request.body ?? ""));
  if (plural === "daemonsets") return `ledger ${ledgerStep(parseJson(request.body ?? ""), server)}`;
  if (plural === "leases") return "lease";
  return plural === "selfsubjectaccessreviews" ? "review" : plural.replace(/s$/, "");
}

/** Writes of ours by which a maintenance goes on; crashes at these are asked for by name. */
export const writes: readonly string[] = [
  ...["intended", "claimed", "draining", "approved", "rebooting", "returning", "closing", "forget"].map(
    (phase) => `record ${phase}`,
  ),
  "ledger take",
  "ledger release",
  "evict",
  "report",
  "commit",
  "verdict",
];

function verbOf(query: string, name: string | undefined): string {
  if (name !== undefined) return "get";
  return query.includes("watch=true") ? "watch" : "list";
}

function nodeWrite(body: Json | undefined): string {
  if (isList(body)) {
    const paths = body.map((operation) => textAt(operation, "path") ?? "");
    // Only the commit tests the cordon.
    if (paths.includes("/spec/unschedulable")) return "commit";
    return paths.some((path) => path.endsWith("/kured.dev~1report")) ? "report" : "patch";
  }
  const annotations = objectAt(body, "metadata", "annotations");
  if (reportAnnotation in annotations) return "report";
  if (verdictAnnotation in annotations) return "verdict";
  if (!(recordAnnotation in annotations)) return "patch";
  const record = decodeRecord(textAt(annotations, recordAnnotation));
  return record.kind === "record" ? `record ${record.record.phase}` : "record forget";
}

function ledgerStep(body: Json | undefined, server: ApiServer): string {
  const name = textAt(body, "metadata", "name");
  const now = server.objects("daemonsets", { group: "apps" }).find(({ metadata }) => metadata.name === name);
  const [before, after] = [now, body].map((one) => {
    const text = textAt(one, "metadata", "annotations", lockAnnotation);
    return entriesOf(parseLedger(text)).length;
  });
  if (before === undefined || after === undefined || before === after) return "renew";
  return after > before ? "take" : "release";
}

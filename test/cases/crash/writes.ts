import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";

/**
 * What a write of ours is about, for the name of a test: `PATCH node n1: record draining, cordon`. Two writes of one
 * reboot that say the same are told apart by their order.
 */
export function describeWrite({ method, path, body }: Pick<ProxiedRequest, "method" | "path" | "body">): string {
  const node = /^\/api\/v1\/nodes\/(?:[^/?]*-)?([^/?]+)/.exec(path)?.[1];
  if (node !== undefined) return `${method} node ${node}: ${nodeStep(JSON.parse(body))}`;
  if (/\/daemonsets\//.test(path)) return `${method} DaemonSet: ${lockStep(body)}`;
  if (/\/pods\/[^/]+\/eviction/.test(path)) return `${method} eviction`;
  return `${method} ${path}`;
}

const recordKey = "kured.dev/maintenance";
const reportKey = "kured.dev/report";
const verdictKey = "kured.dev/verdict";

interface MergePatch {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string | null>> };
  readonly spec?: { readonly unschedulable?: boolean | null };
}

interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function nodeStep(patch: MergePatch | readonly PatchOperation[]): string {
  if (isOperations(patch)) {
    const report = patch.find(({ op, path }) => op !== "test" && path.endsWith(reportKey.replace("/", "~1")))?.value;
    return typeof report === "string" ? reportStep(report) : "another JSON patch";
  }
  const annotations = patch.metadata?.annotations ?? {};
  const [record, report, verdict] = [annotations[recordKey], annotations[reportKey], annotations[verdictKey]];
  if (typeof report === "string") return reportStep(report);
  if (verdict !== undefined) return verdict === null ? "no verdict" : `verdict ${textOf(verdict, "code")}`;
  if (record === undefined) return "another merge patch";
  const cordon = patch.spec === undefined ? "" : patch.spec.unschedulable === true ? ", cordon" : ", uncordon";
  return record === null ? `no record${cordon}` : `record ${textOf(record, "phase")}${cordon}`;
}

function reportStep(text: string): string {
  const report = JSON.parse(text) as {
    boot: string;
    need: string;
    nonce?: string;
    commanded?: { boot: string; result?: { kind: string } };
  };
  const { boot, need, nonce } = report;
  // What ended the boot before is but remembered.
  const commanded = report.commanded?.boot === boot ? report.commanded : undefined;
  if (commanded?.result !== undefined) return `report ${need}, command ${commanded.result.kind}`;
  if (commanded !== undefined) return "commit";
  return `report ${need}${nonce === undefined ? "" : ", nonce"}`;
}

function lockStep(body: string): string {
  const { metadata } = JSON.parse(body) as MergePatch;
  const lock = metadata?.annotations?.["weave.works/kured-node-lock"];
  const holder = /"nodeID":"(?:[^"]*-)?([^"-]+)"/.exec(lock ?? "")?.[1];
  return holder === undefined ? "lock given back" : `lock of ${holder}`;
}

function textOf(json: string, key: string): string {
  return String((JSON.parse(json) as Readonly<Record<string, unknown>>)[key]);
}

function isOperations(patch: MergePatch | readonly PatchOperation[]): patch is readonly PatchOperation[] {
  return Array.isArray(patch);
}

import { setTimeout as sleep } from "node:timers/promises";
import { onSite, startCoordinator, type Site } from "../../test/cases/site.ts";
import { freePort } from "../../test/controlplane/cluster/component.ts";
import { fakeNode, type NodeObject } from "../../test/controlplane/objects.ts";
import { waitFor } from "../../test/controlplane/waits.ts";
import type { Figure } from "../report/figure.ts";
import { usedBy, type Used } from "../stage/cpu.ts";
import type { Stage } from "../stage/run.ts";
import { requestsOf } from "../stage/requests.ts";

/** A kubelet tells that its Node is alive every five minutes, or when something changed. */
const heartbeatMs = 300_000;

/** How many nodes, and for how long a coordinator of them is watched. */
export interface CoordinatorOptions {
  readonly nodes: number;
  readonly seconds: number;
}

/** A coordinator of many nodes at rest, whose kubelets go on telling that they are alive; then all want a reboot. */
export async function benchCoordinator(
  { cluster, subjects: [{ program }], signal }: Stage,
  { nodes: count, seconds }: CoordinatorOptions,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  await onSite({ cluster, name: `fleet-${count}`, nodes: 0, signal }, async (site) => {
    const nodes = Array.from({ length: count }, (_, index) => nodeOf(site, index));
    await inParts(nodes, (node) => cluster.admin.create(node));
    site.atEnd(() => inParts(nodes, (node) => cluster.admin.delete(node)));
    await site.annotateDaemonSet({ "kured.dev/pause": JSON.stringify({ reason: "the bench" }) });
    const port = await freePort();
    const daemon = await startCoordinator(site, { args: [`--metrics-port=${port}`], daemon: { program } });
    const knowsAll = async () => (await metric(port, "kured_node_state")) >= count;
    await waitFor("the coordinator to know every node", knowsAll, { signal, timeoutMs: 120_000, everyMs: 500 });
    const name = `fleet/coordinator of ${count} nodes`;

    const quiet = { from: await usedBy(daemon), decisions: await decisions(port) };
    await beat(nodes, { cluster, seconds, signal });
    figures.push(...atRest(name, { ...quiet, to: await usedBy(daemon), after: await decisions(port), seconds }));

    const all = { from: await usedBy(daemon), atMs: Date.now(), decisions: await decisions(port) };
    await inParts(nodes, ({ metadata }) => cluster.admin.patch({ kind: "Node", metadata }, annotated("required")));
    await waitFor("every node to be told paused", () => isTold(site, count), {
      signal,
      timeoutMs: 600_000,
      everyMs: 2_000,
    });
    const to = await usedBy(daemon);
    const after = await decisions(port);
    const { all: asked } = await requestsOf(site, { fromMs: all.atMs, toMs: Infinity });
    const at = `${name}/all want a reboot at once and are told`;
    figures.push(
      { name: `${at}/processor time`, unit: "s", ours: [to.cpuSeconds - all.from.cpuSeconds] },
      { name: `${at}/requests a node`, unit: "", ours: [asked.length / count] },
      ...decideFigures(at, { before: all.decisions, after }),
      { name: `${at}/memory at its peak`, unit: "MB", ours: [to.peakMegabytes], goal: { atMost: 250 } },
    );
  });
  return figures;
}

interface Decisions {
  readonly count: number;
  readonly seconds: number;
  /** Ascending; each holds the smaller ones. */
  readonly buckets: readonly { readonly seconds: number; readonly observed: number }[];
}

function atRest(
  name: string,
  seen: { from: Used; to: Used; decisions: Decisions; after: Decisions; seconds: number },
): readonly Figure[] {
  const { from, to, decisions: before, after, seconds } = seen;
  return [
    { name: `${name}/at rest/memory`, unit: "MB", ours: [to.residentMegabytes], goal: { atMost: 250 } },
    { name: `${name}/at rest/of it anonymous`, unit: "MB", ours: [to.anonymousMegabytes] },
    {
      name: `${name}/at rest/processor`,
      unit: "% of a core",
      ours: [((to.cpuSeconds - from.cpuSeconds) / seconds) * 100],
    },
    { name: `${name}/at rest/decisions a second`, unit: "", ours: [(after.count - before.count) / seconds] },
    ...decideFigures(`${name}/at rest`, { before, after }),
  ];
}

function decideFigures(
  name: string,
  { before, after }: { readonly before: Decisions; readonly after: Decisions },
): readonly Figure[] {
  const count = after.count - before.count;
  const within = after.buckets.find(
    ({ observed }, index) => observed - (before.buckets[index]?.observed ?? 0) >= 0.99 * count,
  );
  return [
    { name: `${name}/decide, mean`, unit: "ms", ours: [((after.seconds - before.seconds) * 1000) / count] },
    {
      name: `${name}/decide, 99 of a hundred within`,
      unit: "ms",
      ours: [(within?.seconds ?? Infinity) * 1000],
      goal: { atMost: 10 },
      note: `the bucket of its metric, ${count} decisions`,
    },
  ];
}

/** Ready without anybody's care, with a report; large as real Nodes are, whose images alone take some kilobytes. */
function nodeOf(site: Site, index: number): NodeObject {
  const node = fakeNode({ name: `${site.name}-n${index + 1}`, labels: { site: site.name } });
  const images = Array.from({ length: 50 }, (_, image) => ({
    names: [
      `registry.example/team-${image}/image@sha256:${"0123456789abcdef".repeat(4)}`,
      `registry.example/team-${image}/image:v1`,
    ],
    sizeBytes: 100_000_000,
  }));
  const conditions = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"].map((type) => condition(type));
  const status = { ...node.status, conditions, images };
  const { annotations } = annotated("notRequired").metadata;
  return { ...node, metadata: { ...node.metadata, annotations }, status };
}

function condition(type: string) {
  const atNow = new Date(Date.now()).toISOString();
  const status: "True" | "False" = type === "Ready" ? "True" : "False";
  return { type, status, lastHeartbeatTime: atNow, lastTransitionTime: atNow, reason: "Bench", message: "as told" };
}

function annotated(need: "required" | "notRequired") {
  const report = { pod: "none", boot: "boot-1", need, since: "2026-01-01T00:00:00.000Z", evidence: "" };
  return { metadata: { annotations: { "kured.dev/report": JSON.stringify(report) } } };
}

/** Every Node's kubelet in turn, so many in a second as a fleet of this size has. */
async function beat(
  nodes: readonly NodeObject[],
  {
    cluster,
    seconds,
    signal,
  }: { readonly cluster: Stage["cluster"]; readonly seconds: number; readonly signal: AbortSignal },
): Promise<void> {
  const everyMs = heartbeatMs / nodes.length;
  const endMs = Date.now() + seconds * 1000;
  for (let turn = 0; Date.now() < endMs; turn += 1) {
    const { metadata } = nodes[turn % nodes.length] ?? { metadata: { name: "" } };
    const status = { conditions: [condition("Ready")] };
    const dueMs = Date.now() + everyMs;
    await cluster.admin.patch({ kind: "Node", metadata }, { status }, { type: "strategic", subresource: "status" });
    await sleep(Math.max(0, dueMs - Date.now()), undefined, { signal });
  }
}

/** The sum of all samples of a metric. */
async function metric(port: number, name: string): Promise<number> {
  const samples = (await scrape(port)).filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return samples.reduce((sum, line) => sum + valueOf(line), 0);
}

async function decisions(port: number): Promise<Decisions> {
  const lines = await scrape(port);
  const of = (start: string) => valueOf(lines.find((line) => line.startsWith(`kured_decide_seconds${start} `)) ?? "0");
  const buckets = lines.flatMap((line) => {
    const [, bound] = /^kured_decide_seconds_bucket\{le="([^"]+)"\}/.exec(line) ?? [];
    return bound === undefined
      ? []
      : [{ seconds: bound === "+Inf" ? Infinity : Number(bound), observed: valueOf(line) }];
  });
  return { count: of("_count"), seconds: of("_sum"), buckets };
}

async function scrape(port: number): Promise<readonly string[]> {
  return (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).split("\n");
}

function valueOf(line: string): number {
  return Number(line.slice(line.lastIndexOf(" ") + 1));
}

async function isTold({ cluster }: Site, count: number): Promise<boolean> {
  const nodes = await cluster.admin.list<NodeObject>({ kind: "Node" });
  const told = nodes.filter(
    ({ metadata }) => metadata.annotations?.["kured.dev/verdict"]?.includes('"Paused"') ?? false,
  );
  return told.length >= count;
}

/** Fifty at a time: thousands of requests at once would only wait for each other. */
async function inParts<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += 50) await Promise.all(items.slice(from, from + 50).map(work));
}

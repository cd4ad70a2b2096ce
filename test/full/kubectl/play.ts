import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { deletionRights } from "../../cases/rights.ts";
import { onOneNode, type Mode, type OneNode } from "../../cases/one-node.ts";
import { verdictOf } from "../../cases/told.ts";
import type { Cluster } from "../../controlplane/cluster.ts";
import { fakeNode, namespace } from "../../controlplane/objects.ts";
import { startProxy, type Proxy } from "../../controlplane/proxy.ts";
import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";
import type { KubeObject } from "../../controlplane/resources.ts";
import { createAll, createNodes, waitFor } from "../../controlplane/waits.ts";
import { track, type Tracked } from "./fates.ts";
import { startKubectl, type Kubectl } from "./kubectl.ts";
import { likeKured, type ArmedTwin, type Fate, type KuredState, type Scene, type Stage, type Twin } from "./scene.ts";

export interface PlayOptions {
  readonly cluster: Cluster;
  readonly mode: Mode;
  readonly signal: AbortSignal;
}

/** Plays a scene on two like nodes at once. Rejects with what was otherwise than the scene says, on either. */
export async function play(scene: Scene, { cluster, mode, signal }: PlayOptions): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  let twins: readonly Twin[] = [];
  const { flags = [], mayDelete = false } = scene.here ?? {};
  const counts = ({ path }: ProxiedRequest): boolean => path.includes("/eviction");
  try {
    await onOneNode(
      { cluster, mode, name: scene.name, flags, counts, signal },
      {
        prepare: async (site, node) => {
          if (mode === "coordinated" && mayDelete) await createAll(cluster.admin, deletionRights(site.name));
          twins = await makeTwins({ cluster, signal, stops, site: site.name, node, mode });
          for (const twin of twins) await scene.make(twin);
        },
        work: async (one) => {
          const [first, second] = twins;
          if (first === undefined || second === undefined) throw new Error("There are no twins");
          const proxy = await startProxy({ cluster, counts });
          stops.push(() => proxy.stop());
          const ours = armed(first, one.deciderProxy);
          const theirs = armed(second, proxy);
          for (const twin of [ours, theirs]) await scene.arm?.(twin);
          const tracked = { ours: track(ours), theirs: track(theirs) };
          await look(tracked);
          await one.host.requireReboot();
          const kubectl = await drain(theirs, { scene, cluster, site: one.site.name });
          stops.push(() => kubectl.stop());
          for (const stage of scene.stages) {
            const changed = [await stage.change?.(ours), await stage.change?.(theirs)];
            await look(tracked);
            for (const release of changed) release?.();
            await untilAsItShould(stage, { one, kubectl, ours, theirs, tracked });
          }
        },
      },
    );
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function makeTwins({ cluster, signal, stops, site, node, mode }: TwinOptions): Promise<readonly Twin[]> {
  const { admin, pki } = cluster;
  const [twinNode, elsewhere] = [`${site}-twin`, `${site}-else`];
  // Without the site's label, so that a coordinator does not see somebody else's cordon.
  const nodes = [twinNode, elsewhere].map((name) => fakeNode({ name }));
  await createNodes(admin, nodes, { signal });
  stops.push(async () => void (await Promise.all(nodes.map((made) => admin.delete(made)))));
  const account = mode === "classic" ? site : `${site}-coordinator`;
  const common = { elsewhere, admin, pki, signal, atEnd: (stop: () => Promise<void>) => void stops.push(stop) };
  const twins: readonly Twin[] = [
    { drainer: "kured", node, namespace: `${site}-a`, user: userOf(site, account), ...common },
    { drainer: "kubectl", node: twinNode, namespace: `${site}-b`, user: userOf(site, operator), ...common },
  ];
  await createAll(admin, [...twins.map(({ namespace: name }) => namespace(name)), ...operatorRights(site)]);
  return twins;
}

interface TwinOptions extends PlayOptions {
  readonly site: string;
  readonly node: string;
  readonly stops: (() => Promise<void>)[];
}

/** Kubectl's account. */
const operator = "operator";

function userOf(site: string, account: string): string {
  return `system:serviceaccount:${site}:${account}`;
}

function operatorRights(site: string): readonly KubeObject[] {
  const metadata = { name: operator, namespace: site };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  const subjects = [{ kind: "ServiceAccount", ...metadata }];
  const name = `${site}-${operator}`;
  const binding = { apiVersion, kind: "ClusterRoleBinding", metadata: { name }, roleRef, subjects };
  return [{ apiVersion: "v1", kind: "ServiceAccount", metadata }, binding];
}

function armed(twin: Twin, proxy: Proxy): ArmedTwin {
  return { ...twin, proxy };
}

async function drain(
  { node, proxy, admin }: ArmedTwin,
  { scene, cluster, site }: { readonly scene: Scene; readonly cluster: Cluster; readonly site: string },
): Promise<Kubectl> {
  const { bare = false, flags = [] } = scene.kubectl ?? {};
  const token = await admin.requestToken({ namespace: site, serviceAccount: operator });
  const argv = ["drain", node, ...(bare ? [] : likeKured), ...flags];
  return await startKubectl(argv, { cluster, server: proxy.server, token, name: node });
}

interface TrackedTwins {
  readonly ours: Tracked;
  readonly theirs: Tracked;
}

async function look({ ours, theirs }: TrackedTwins): Promise<void> {
  await Promise.all([ours.look(), theirs.look()]);
}

interface Running {
  readonly one: OneNode;
  readonly kubectl: Kubectl;
  readonly ours: ArmedTwin;
  readonly theirs: ArmedTwin;
  readonly tracked: TrackedTwins;
}

/** Once all is as it should be, it is looked at again a moment later, unless both are at their ends. */
async function untilAsItShould(stage: Stage, running: Running): Promise<void> {
  const wanted = expected(stage);
  let last: unknown;
  const asWanted = async (): Promise<boolean> => {
    last = await measured(stage, running);
    return JSON.stringify(last) === JSON.stringify(wanted);
  };
  const { signal } = running.ours;
  await waitFor("both drains", asWanted, { signal, timeoutMs: 45_000, everyMs: 200 }).catch(() => {
    console.log(running.kubectl.output());
    assert.deepEqual(last, wanted);
  });
  if (stage.drain.kubectl !== "goes on" && stage.drain.here !== "goes on") return;
  await sleep(settledMs, undefined, { signal });
  assert.deepEqual(await measured(stage, running), wanted);
}

/** Long enough for what is on its way when things look settled; kubectl looks every second. */
const settledMs = 1_500;

interface Side {
  readonly pods: Readonly<Record<string, string>>;
  readonly drain: string;
  readonly says: string;
}

function expected({ pods, drain, says }: Stage): { readonly kubectl: Side; readonly here: Side } {
  const sorted = pods.toSorted((one, other) => (one.app < other.app ? -1 : 1));
  return {
    kubectl: {
      pods: Object.fromEntries(sorted.map(({ app, kubectl }) => [app, kubectl])),
      drain: drain.kubectl,
      says: says?.kubectl ?? "",
    },
    here: {
      pods: Object.fromEntries(sorted.map(({ app, kubectl, here = kubectl }) => [app, here])),
      drain: drain.here,
      says: says?.here ?? "",
    },
  };
}

async function measured(stage: Stage, { one, kubectl, ours, theirs, tracked }: Running): Promise<object> {
  const verdict = await verdictOf(one.site, one.node);
  const told = verdict === undefined ? "" : `${verdict.code}: ${verdict.sentences.join(" ")}`;
  return {
    kubectl: {
      pods: grouped(await tracked.theirs.fates(), stage),
      drain: kubectl.state(),
      says: quoted(stage.says?.kubectl, { text: kubectl.output(), namespace: theirs.namespace }),
    },
    here: {
      pods: grouped(await tracked.ours.fates(), stage),
      drain: await stateOf(one),
      says: quoted(stage.says?.here, { text: told, namespace: ours.namespace }),
    },
  };
}

/** In the rows of the stage, and in rows of their own what it does not mention. */
function grouped(fates: ReadonlyMap<string, Fate>, { pods }: Stage): Readonly<Record<string, Fate>> {
  const left = new Map(fates);
  const rows = pods.map(({ app }): [string, Fate] => {
    const found = app.split(", ").map((each) => left.get(each) ?? "not there");
    for (const each of app.split(", ")) left.delete(each);
    return [app, found.toSorted().join(" / ")];
  });
  return Object.fromEntries([...rows, ...left].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The words where the text has them, in which `…` stands for anything, and the whole text where it does not. */
function quoted(
  words: string | undefined,
  { text, namespace: name }: { readonly text: string; readonly namespace: string },
): string {
  let at = 0;
  for (const part of (words ?? "").replaceAll("NS", name).split("…")) {
    const found = text.indexOf(part, at);
    if (found < 0) return text;
    at = found + part.length;
  }
  return words ?? "";
}

async function stateOf(one: OneNode): Promise<KuredState> {
  if (one.host.boots() > 1) return "rebooted";
  const [phase, { spec }] = [await one.phase(), await one.readNode()];
  const isOver = phase === undefined || phase === "closing";
  return isOver && spec?.unschedulable !== true ? "given back" : "goes on";
}

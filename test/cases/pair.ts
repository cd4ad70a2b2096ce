import type { Cluster } from "../controlplane/cluster.ts";
import type { Daemon } from "../controlplane/daemon.ts";
import type { RebootBehaviour } from "../controlplane/host/scripts.ts";
import { waitFor } from "../controlplane/waits.ts";
import { observe, type Moment } from "./observe.ts";
import type { Mode } from "./one-node.ts";
import { onSite, siteProxy, startAgent, startClassic, startCoordinator, type Site } from "./site.ts";
import { untilReported } from "./until.ts";

export interface PairOptions {
  readonly cluster: Cluster;
  readonly mode: Mode;
  /** Of the case; the site is named after it and the mode. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** What the reboot command of the first node does, until `mend`. */
  readonly reboot?: RebootBehaviour;
  /** Flags of the first node's agent or daemon alone. */
  readonly flags?: readonly string[];
  /** Flags of whoever decides about the first node. */
  readonly deciderFlags?: readonly string[];
}

/**
 * Two nodes, of which the first needs a reboot that does not go well; the second needs one later and waits for its
 * turn.
 */
export interface Pair {
  readonly site: Site;
  readonly mode: Mode;
  readonly first: string;
  readonly second: string;
  /** Who decides about the first node. */
  readonly decider: Daemon;
  readonly moments: () => readonly Moment[];
  /** The reboot command works from now on. */
  mend(): Promise<void>;
  /** A new pod of the agent in the first one's place, as a change of the DaemonSet makes it. */
  replaceFirstAgent(): Promise<void>;
  /** Somebody switches the first machine off and on again. */
  rebootByHand(): Promise<void>;
}

/**
 * Starts everything, has the first node ask for a reboot, and the second as soon as the first is in hand or refused.
 */
export async function onPair(options: PairOptions, work: (pair: Pair) => Promise<void>): Promise<void> {
  const { cluster, mode, signal, reboot = { kind: "boots" }, flags = [], deciderFlags = [] } = options;
  const name = `${options.name}-${mode === "classic" ? "cl" : "co"}`;
  await onSite({ cluster, name, nodes: 2, signal }, async (site) => {
    const [first = "", second = ""] = site.nodes;
    const observation = await observe(site);
    await site.host(first).setRebootBehaviour(reboot);
    await site.host(first).requireReboot();
    const start = mode === "classic" ? startClassic : startAgent;
    const agentFlags = mode === "classic" ? [...flags, ...deciderFlags] : flags;
    let agent = await start(site, { node: first, args: agentFlags });
    const decider = mode === "classic" ? agent : await startDecider(site, deciderFlags);
    await start(site, { node: second });
    await untilReported(site, { nodes: [first], need: "required", orRebooted: true });
    await untilSpokenOf(site, first);
    await site.host(second).requireReboot();
    await work({
      site,
      mode,
      first,
      second,
      decider,
      moments: observation.moments,
      mend: () => site.host(first).setRebootBehaviour({ kind: "boots" }),
      replaceFirstAgent: async () => {
        await agent.stop();
        const selection = { kind: "Pod", namespace: name, labelSelector: `name=${name}` } as const;
        const pods = await cluster.admin.list({ ...selection, fieldSelector: `spec.nodeName=${first}` });
        for (const pod of pods) await cluster.admin.delete(pod);
        agent = await start(site, { node: first, args: agentFlags });
      },
      rebootByHand: async () => {
        await site.host(first).cutPower();
        await site.host(first).boot();
      },
    });
  });
}

async function startDecider(site: Site, args: readonly string[]): Promise<Daemon> {
  const { port } = await siteProxy(site);
  return await startCoordinator(site, { args, daemon: { port } });
}

async function untilSpokenOf(site: Site, node: string): Promise<void> {
  const spoken = async () => {
    const { annotations = {} } = (await site.readNode(node)).metadata;
    const verdict = annotations["kured.dev/verdict"] ?? "";
    return annotations["kured.dev/maintenance"] !== undefined || verdict.includes("CannotReboot");
  };
  await waitFor(`${node} to be in hand or refused`, spoken, { signal: site.signal, timeoutMs: 60_000 });
}

/** Whether a node was ever in anybody's hands; a wish to have it, which is written first, is not enough. */
export function wasTouched(moments: readonly Moment[], node: string): boolean {
  return moments.some(({ nodes, holders }) => {
    const { cordoned = false, phase } = nodes.get(node) ?? {};
    return cordoned || (phase !== undefined && !harmless.has(phase)) || holders.includes(node);
  });
}

const harmless: ReadonlySet<string> = new Set(["intended", "closing"]);

import type { ActionOutcome } from "../../../fleet/view.ts";
import type { HostAction } from "../../../host/action.ts";
import { decideHost } from "../../../host/decide-host.ts";
import { decodeOwnNode } from "../../../host/own-node.ts";
import type { HostView } from "../../../host/view.ts";
import { agentPod, saysCommanded } from "./facts.ts";
import { ModelAttempts } from "../attempts.ts";
import type { Cluster } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import type { Host, Tenant } from "./host.ts";
import type { Network } from "../network.ts";
import { Senses } from "./senses.ts";
import type { Timeline } from "../timeline.ts";
import { Turns } from "../turns.ts";

/** What an agent is made of. */
export interface AgentParts {
  readonly host: Host;
  readonly owner: string;
  readonly timeline: Timeline;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly chance: () => number;
  /** In classic mode: what one half of the process reads, the other half knows too. */
  readonly fed?: (node: ModelNode, observedAtMs: number) => void;
  /** The reboot command is begun now. */
  readonly commanded: (agent: Agent, approval: string, sentAtMs: number) => void;
}

const periodMs = 60_000;

/** The agent of one machine, and its pod. */
export class Agent implements Tenant {
  readonly name: string;
  life = 0;
  alive = false;
  pod: string;
  readonly host: Host;
  readonly #parts: AgentParts;
  #view: Omit<HostView, "attempts">;
  #attempts = new ModelAttempts();
  #version = 0;
  readonly #senses: Senses;
  readonly #turns: Turns;
  #pods = 1;
  #nonces = 0;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.host = parts.host;
    this.name = `agent of ${parts.host.name}`;
    this.pod = `${parts.host.name}-agent-1`;
    this.#turns = new Turns(this, { timeline: parts.timeline, turn: () => this.#turn() });
    this.#view = this.#newborn();
    this.#senses = new Senses({
      ...parts,
      agent: this,
      view: () => this.#view,
      saw: (change) => this.#set(change),
      sawNode: (node, observedAtMs) => this.#sawNode(node, { observedAtMs }),
      done: () => this.wake(0),
    });
    parts.host.agent = this;
  }

  /** The container starts; after a crash in the same pod. */
  start(): void {
    const { host, cluster } = this.#parts;
    if (!host.up || !cluster.nodes.has(host.name)) return;
    this.life += 1;
    this.alive = true;
    this.#attempts = new ModelAttempts();
    this.#senses.forget();
    this.#turns.forget();
    this.#version = 0;
    this.#view = this.#newborn();
    this.#showPod();
    this.wake(0);
  }

  /** The process is gone without a word. */
  die(): void {
    this.#forgetCommand();
    this.alive = false;
    this.#showPod();
  }

  /** Somebody deletes the pod; the DaemonSet makes another. */
  replacePod(): void {
    const { cluster, timeline } = this.#parts;
    this.#forgetCommand();
    this.alive = false;
    cluster.pods.delete(this.pod);
    this.#pods += 1;
    this.pod = `${this.#parts.host.name}-agent-${this.#pods}`;
    timeline.after(1_500, () => this.start());
  }

  /** Where somebody has removed the report with the commit in it, the knowledge of it dies with the process. */
  #forgetCommand(): void {
    const { host } = this.#parts;
    if (!saysCommanded(this.#node(), host.bootId)) host.commanded = false;
  }

  sentinelChanged(): void {
    if (!this.alive) return;
    this.#senses.ask("sentinel");
  }

  /** Its Node changed; only a classic daemon does not watch it. */
  hear(): void {
    const { timeline, chance, fed } = this.#parts;
    if (fed !== undefined) return;
    const { life } = this;
    timeline.after(5 + chance() * 200, () => {
      if (life === this.life && this.alive) this.#sawNode(this.#node(), { observedAtMs: timeline.nowMs });
    });
  }

  wake(delayMs: number): void {
    this.#turns.wake(delayMs);
  }

  #newborn(): Omit<HostView, "attempts"> {
    const { host, timeline } = this.#parts;
    return { pod: this.pod, startedAtMs: timeline.nowMs, boot: host.bootId, bootedAtMs: host.bootedAtWallMs };
  }

  #turn(): void {
    const { timeline, owner } = this.#parts;
    const now = { wallMs: Math.floor(timeline.wallMs), monotonicMs: timeline.nowMs };
    const view = { ...this.#view, attempts: new Map(this.#attempts.all) };
    const { actions, questions, wakeAtMs } = decideHost(view, { owner, periodMs, rebootDeadlineMs: 10 * 60_000 }, now);
    for (const action of actions) this.#act(action);
    const dueMs = Math.min(Infinity, ...questions.map((question) => this.#senses.due(question)));
    this.wake(Math.max(0, Math.min(wakeAtMs - timeline.nowMs, dueMs, 60_000)));
  }

  #set(change: Partial<HostView>): void {
    this.#view = { ...this.#view, ...change };
    this.wake(0);
  }

  #act(action: HostAction): void {
    const { timeline, cluster, host } = this.#parts;
    const writer = { node: host.name, by: this.name };
    switch (action.kind) {
      case "drawNonce":
        this.#nonces += 1;
        return this.#set({ nonce: { value: `${host.name}-${this.life}-${this.#nonces}`, drawnAtMs: timeline.nowMs } });
      case "giveUpCommit":
        if (action.applied) return this.#commitState({ kind: "ended", result: { kind: "notRun" } });
        return this.#dropCommit();
      case "writeReport":
        return this.#send(action.key, () => cluster.writeReport(action, { ...writer, uid: this.#view.node?.uid }));
      case "commit":
        this.#set({ commit: { approval: action.approval, sentAtMs: timeline.nowMs, state: { kind: "unsure" } } });
        return this.#send(
          action.key,
          () => cluster.commit(action, writer),
          (outcome) => {
            if (outcome.kind === "done") this.#commitState({ kind: "confirmed" });
            if (outcome.kind === "conflict") this.#dropCommit();
          },
        );
      case "reboot":
        this.#commitState({ kind: "commanding" });
        this.#attempts.begin(action.key, timeline.nowMs);
        return this.#command(action);
    }
  }

  #command({ approval, key }: Extract<HostAction, { kind: "reboot" }>): void {
    const { host, timeline, chance, commanded } = this.#parts;
    commanded(this, approval, this.#view.commit?.sentAtMs ?? -Infinity);
    const { life } = this;
    const { result, afterMs } = host.runCommand();
    timeline.after(afterMs, () => {
      if (life !== this.life || !this.alive) return;
      this.#commitState({ kind: "ended", result });
      this.#attempts.end(key, { outcome: { kind: "done" }, nowMs: timeline.nowMs, jitter: chance() });
      this.wake(0);
    });
  }

  #commitState(state: NonNullable<HostView["commit"]>["state"]): void {
    const { commit } = this.#view;
    if (commit) this.#set({ commit: { ...commit, state } });
  }

  #dropCommit(): void {
    const { commit: _dropped, ...view } = this.#view;
    this.#view = view;
    this.wake(0);
  }

  #send(key: string, apply: () => ActionOutcome, before?: (outcome: ActionOutcome) => void): void {
    const { network, timeline, chance } = this.#parts;
    this.#attempts.begin(key, timeline.nowMs);
    const sentAtMs = timeline.nowMs;
    const end = (outcome: ActionOutcome): void => {
      before?.(outcome);
      this.#attempts.end(key, { outcome, nowMs: timeline.nowMs, jitter: chance() });
      this.wake(0);
    };
    network.send(this, {
      write: true,
      apply: () => ({ outcome: apply(), node: this.#node() }),
      done: ({ outcome, node }) => {
        this.#sawNode(node, { observedAtMs: sentAtMs });
        end(outcome);
      },
      failed: () => end({ kind: "failed", reason: "no answer" }),
    });
  }

  #node(): ModelNode | undefined {
    return this.#parts.cluster.nodes.get(this.#parts.host.name);
  }

  /** Read by the other half of the process. */
  feed(node: ModelNode, observedAtMs: number): void {
    if (this.alive) this.#sawNode(node, { observedAtMs, feeds: false });
  }

  #sawNode(
    node: ModelNode | undefined,
    { observedAtMs, feeds = true }: { observedAtMs: number; feeds?: boolean },
  ): void {
    if (node === undefined) return;
    if (feeds) this.#parts.fed?.(node, observedAtMs);
    if (this.#view.node?.uid === node.uid && node.version < this.#version) return;
    this.#version = node.version;
    this.#set({ node: decodeOwnNode(node, { observedAtMs, wallMs: this.#parts.timeline.wallMs }) });
  }

  #showPod(): void {
    const { cluster, host, owner, timeline } = this.#parts;
    if (!cluster.nodes.has(host.name)) return;
    const createdAtMs = cluster.pods.get(this.pod)?.createdAtMs ?? timeline.nowMs;
    cluster.putPod({ createdAtMs, facts: agentPod(this.pod, { node: host.name, owner, ready: this.alive }) });
  }
}

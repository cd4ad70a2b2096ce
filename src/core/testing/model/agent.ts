import type { CommandResult } from "../../fleet/report.ts";
import { decodeRecord, recordAnnotation } from "../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../fleet/report.ts";
import { decodeRequest, holdAnnotation, inForce, pauseAnnotation } from "../../fleet/request.ts";
import type { ActionOutcome } from "../../fleet/view.ts";
import type { HostAction, HostQuestion } from "../../host/action.ts";
import { decideHost } from "../../host/decide-host.ts";
import type { HostView, OwnNode } from "../../host/view.ts";
import { ModelAttempts } from "./attempts.ts";
import type { Cluster, ModelNode } from "./cluster.ts";
import type { Host } from "./host.ts";
import type { Living, Network } from "./network.ts";
import type { Timeline } from "./timeline.ts";

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
export class Agent implements Living {
  readonly name: string;
  life = 0;
  alive = false;
  pod: string;
  reports = 0;
  readonly host: Host;
  readonly #parts: AgentParts;
  #view: Omit<HostView, "attempts">;
  #attempts = new ModelAttempts();
  #version = 0;
  #looking = new Set<HostQuestion["kind"]>();
  #turnDueMs = Infinity;
  #pods = 1;
  #nonces = 0;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.host = parts.host;
    this.name = `agent of ${parts.host.name}`;
    this.pod = `${parts.host.name}-agent-1`;
    this.#view = this.#newborn();
    parts.host.agent = this;
  }

  /** The container starts; after a crash in the same pod. */
  start(): void {
    const { host, cluster } = this.#parts;
    if (!host.up || !cluster.nodes.has(host.name)) return;
    this.life += 1;
    this.alive = true;
    this.#attempts = new ModelAttempts();
    this.#looking = new Set();
    this.#turnDueMs = Infinity;
    this.#version = 0;
    this.#view = this.#newborn();
    this.#showPod();
    this.wake(0);
  }

  /** The process is gone without a word. */
  die(): void {
    this.alive = false;
    this.#showPod();
  }

  /** Somebody deletes the pod; the DaemonSet makes another. */
  replacePod(): void {
    const { cluster, timeline } = this.#parts;
    this.alive = false;
    cluster.pods.delete(this.pod);
    this.#pods += 1;
    this.pod = `${this.#parts.host.name}-agent-${this.#pods}`;
    timeline.after(1_500, () => this.start());
  }

  sentinelChanged(): void {
    if (!this.alive) return;
    this.#ask({ kind: "sentinel", freshForMs: 0 });
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
    const { timeline } = this.#parts;
    const dueMs = timeline.nowMs + delayMs;
    if (!this.alive || this.#turnDueMs <= dueMs) return;
    this.#turnDueMs = dueMs;
    const { life } = this;
    timeline.after(delayMs, () => {
      if (life !== this.life || !this.alive || this.#turnDueMs > timeline.nowMs) return;
      this.#turnDueMs = Infinity;
      this.#turn();
    });
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
    const dueMs = Math.min(Infinity, ...questions.map((question) => this.#due(question)));
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
        if (action.applied) return this.#commandEnded({ kind: "notRun" });
        return this.#dropCommit();
      case "writeReport":
        this.reports += 1;
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
    const { mode } = host;
    host.commanded = true;
    if (mode === "works") host.goDown(1_000 + chance() * 9_000);
    if (mode === "slow") host.goDown(45_000);
    if (mode === "failsAndReboots") timeline.after(1_000, () => host.goDown(15_000));
    timeline.after(mode === "hangs" ? 30_000 : 300, () => {
      if (life !== this.life || !this.alive) return;
      this.#commandEnded(resultOf(mode));
      this.#attempts.end(key, { outcome: { kind: "done" }, nowMs: timeline.nowMs, jitter: chance() });
      this.wake(0);
    });
  }

  #commandEnded(result: CommandResult): void {
    this.#commitState({ kind: "ended", result });
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
    this.#set({ node: ownNode(node, { observedAtMs, wallMs: this.#parts.timeline.wallMs }) });
  }

  #due(question: HostQuestion): number {
    const { timeline } = this.#parts;
    if (this.#looking.has(question.kind)) return Infinity;
    const dueMs = this.#observedAtMs(question.kind) + question.freshForMs;
    if (dueMs > timeline.nowMs) return dueMs - timeline.nowMs + 1;
    this.#ask(question);
    return Infinity;
  }

  #observedAtMs(kind: HostQuestion["kind"]): number {
    const { sentinel, node, shutdown } = this.#view;
    const seen = { sentinel, ownNode: node, shutdown }[kind];
    return seen?.observedAtMs ?? -Infinity;
  }

  #ask({ kind }: HostQuestion): void {
    const { timeline, host, network } = this.#parts;
    const askedAtMs = timeline.nowMs;
    this.#looking.add(kind);
    const answered = (change: () => void): void => {
      this.#looking.delete(kind);
      change();
      this.wake(0);
    };
    if (kind === "ownNode") {
      const done = (node: ModelNode | undefined): void =>
        answered(() => this.#sawNode(node, { observedAtMs: askedAtMs }));
      const failed = (): void => {
        const { life } = this;
        timeline.after(1_000, () => {
          if (life === this.life && this.alive) answered(() => undefined);
        });
      };
      return network.send(this, { write: false, apply: () => this.#node(), done, failed });
    }
    const { life } = this;
    timeline.after(20, () => {
      if (life !== this.life || !this.alive) return;
      if (kind === "sentinel")
        return answered(() =>
          this.#set({ sentinel: { need: host.need, evidence: `at ${askedAtMs}`, observedAtMs: askedAtMs } }),
        );
      const state = host.silent ? "unknown" : host.shutdownPending ? "yes" : "no";
      answered(() => this.#set({ shutdown: { state, observedAtMs: timeline.nowMs } }));
    });
  }

  #showPod(): void {
    const { cluster, host, owner, timeline } = this.#parts;
    const [namespace = "", name = ""] = owner.split("/");
    if (!cluster.nodes.has(host.name)) return;
    const known = cluster.pods.get(this.pod);
    cluster.putPod({
      createdAtMs: known?.createdAtMs ?? timeline.nowMs,
      facts: {
        namespace,
        name: this.pod,
        uid: this.pod,
        nodeName: host.name,
        labels: {},
        phase: "Running",
        controller: { apiVersion: "apps/v1", kind: "DaemonSet", name, uid: "uid-kured" },
        mirror: false,
        hasEmptyDir: false,
        ready: this.alive,
      },
    });
  }
}

function resultOf(mode: Host["mode"]): CommandResult {
  switch (mode) {
    case "works":
    case "slow":
    case "nothing":
      return { kind: "accepted" };
    case "fails":
    case "failsAndReboots":
      return { kind: "failed", reason: "it said no", shutdown: "unknown" };
    case "hangs":
      return { kind: "hung", reason: "it did not end", shutdown: "unknown" };
  }
}

function ownNode(
  { name, uid, annotations }: ModelNode,
  { observedAtMs, wallMs }: { observedAtMs: number; wallMs: number },
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

import type { Action } from "../../action.ts";
import type { PodFacts } from "../../drain/pod.ts";
import { decodeNode, type NodeFacts } from "../../fleet/node.ts";
import { encodeRecord, recordAnnotation } from "../../fleet/record.ts";
import { encodeReport, reportAnnotation } from "../../fleet/report.ts";
import { decodeRequest, holdAnnotation, pauseAnnotation } from "../../fleet/request.ts";
import type { ActionOutcome, LedgerFacts } from "../../fleet/view.ts";
import type { HostAction } from "../../host/action.ts";
import { parseLedger } from "../../lock/ledger.ts";
import type { HolderNode } from "../../lock/standing.ts";
import { Aftermath } from "./aftermath.ts";
import { ModelGates } from "./gates.ts";
import { nodeJson, type ModelNode } from "./node.ts";
import type { Timeline } from "./timeline.ts";

/** A pod, and what the API server knows of it besides. */
export interface ModelPod {
  readonly facts: PodFacts;
  readonly createdAtMs: number;
  /** The disruption budget that covers it. */
  readonly budget?: string;
}

/** Who wrote, for those who check the rules. */
export type Writer = { readonly kind: "person" } | { readonly kind: "ours"; readonly by: string };

/** One change: what was there, what is there now, who made it, and by which action. */
export interface Changed<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
  readonly writer: Writer;
  readonly action?: Action | undefined;
}

/** Whom the model API server tells of changes. */
export interface ClusterHooks {
  /** After every change of a Node. */
  node(change: Changed<ModelNode>): void;
  /** After every change of the lock annotation. */
  ledger(change: Changed<string>): void;
  /** Something that a watch would tell. */
  changed(): void;
}

/** The part of an API server that kured talks to: objects with versions, preconditions that are tested. */
export class Cluster {
  readonly nodes = new Map<string, ModelNode>();
  readonly pods = new Map<string, ModelPod>();
  readonly closedBudgets = new Set<string>();
  readonly gates: ModelGates;
  readonly aftermath: Aftermath;
  /** When each name was last seen to have no Node. */
  readonly missingAtMs = new Map<string, number>();
  ledgerText: string | undefined;
  ledgerVersion = 1;
  fleetPause: string | undefined;
  readonly #timeline: Timeline;
  readonly #hooks: ClusterHooks;
  readonly #facts = new WeakMap<ModelNode, NodeFacts>();
  #version = 1;

  constructor(timeline: Timeline, hooks: ClusterHooks) {
    this.#timeline = timeline;
    this.gates = new ModelGates(timeline);
    this.aftermath = new Aftermath(timeline);
    this.#hooks = hooks;
  }

  facts(node: ModelNode): NodeFacts {
    const known = this.#facts.get(node);
    if (known) return known;
    const facts = decodeNode(nodeJson(node));
    if (facts === undefined) throw new TypeError("The model's Node is none");
    this.#facts.set(node, facts);
    return facts;
  }

  putNode(given: Omit<ModelNode, "version">, writer: Writer = person, action?: Action): void {
    this.#version += 1;
    const before = this.nodes.get(given.name);
    const after = { ...given, version: this.#version };
    this.nodes.set(given.name, after);
    this.#hooks.node({ before, after, writer, action });
    this.#hooks.changed();
  }

  change(name: string, change: Partial<Omit<ModelNode, "version" | "name">>, writer: Writer = person): void {
    const node = this.nodes.get(name);
    if (node) this.putNode({ ...node, ...change }, writer);
  }

  annotate(name: string, annotations: Readonly<Record<string, string | undefined>>, writer: Writer = person): void {
    const node = this.nodes.get(name);
    if (node) this.change(name, { annotations: merged(node.annotations, annotations) }, writer);
  }

  deleteNode(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    this.nodes.delete(name);
    this.missingAtMs.set(name, this.#timeline.nowMs);
    for (const [uid, pod] of this.pods) if (pod.facts.nodeName === name) this.pods.delete(uid);
    this.#hooks.node({ before: node, after: undefined, writer: person });
    this.#hooks.changed();
  }

  setLedger(text: string | undefined, writer: Writer = person, action?: Action): void {
    const before = this.ledgerText;
    this.ledgerText = text;
    this.ledgerVersion += 1;
    this.#hooks.ledger({ before, after: text, writer, action });
    this.#hooks.changed();
  }

  setFleetPause(pause: string | undefined): void {
    this.fleetPause = pause;
    this.ledgerVersion += 1;
    this.#hooks.changed();
  }

  ledgerFacts(observedAtMs: number): Extract<LedgerFacts, { kind: "seen" }> {
    const pause = decodeRequest(this.fleetPause);
    const [text, resourceVersion] = [this.ledgerText, `${this.ledgerVersion}`];
    return { kind: "seen", observedAtMs, resourceVersion, text, ledger: parseLedger(text), ...(pause && { pause }) };
  }

  putPod(pod: ModelPod): void {
    this.pods.set(pod.facts.uid, pod);
    this.#hooks.changed();
  }

  podsOn(name: string): readonly PodFacts[] {
    return Array.from(this.pods.values(), ({ facts }) => facts).filter(({ nodeName }) => nodeName === name);
  }

  holderNode(name: string): HolderNode {
    const node = this.nodes.get(name);
    if (node === undefined) {
      this.missingAtMs.set(name, this.#timeline.nowMs);
      return { kind: "gone" };
    }
    const { uid, ready, unschedulable, readySinceMs } = node;
    const settledForMs = ready && !unschedulable ? this.#timeline.nowMs - readySinceMs : 0;
    return { kind: "present", uid, ready, unschedulable, settledForMs };
  }

  /** Carries one action of a decider out, with its preconditions. */
  perform(action: Exclude<Action, { kind: "notify" }>, by: string): ActionOutcome {
    const writer: Writer = { kind: "ours", by };
    switch (action.kind) {
      case "writeRecord": {
        const node = this.nodes.get(action.node);
        if (node === undefined) return { kind: "gone" };
        if (`${node.version}` !== action.resourceVersion) return { kind: "conflict" };
        const { record, marks } = action;
        const text = record === undefined ? null : encodeRecord(record);
        const annotations = merged(node.annotations, { ...marks?.annotations, [recordAnnotation]: text });
        const labels = merged(node.labels, marks?.labels ?? {});
        const taints = marks?.taint?.all ?? node.taints;
        const unschedulable = action.unschedulable ?? node.unschedulable;
        this.putNode({ ...node, annotations, labels, taints, unschedulable }, writer, action);
        return { kind: "done" };
      }
      case "writeLedger":
        if (`${this.ledgerVersion}` !== action.resourceVersion) return { kind: "conflict" };
        this.setLedger(action.text, writer, action);
        return { kind: "done" };
      case "evict":
        return { kind: "eviction", outcome: this.#evict(action) };
      case "deletePod": {
        const pod = this.pods.get(action.uid);
        if (pod?.facts.deletionTimestampMs === undefined && pod !== undefined) this.#terminate(pod);
        return { kind: "done" };
      }
    }
  }

  #evict({ uid, namespace, pod: name }: Extract<Action, { kind: "evict" }>) {
    const pod = this.pods.get(uid);
    if (pod === undefined) {
      const namesake = [...this.pods.values()].some(
        ({ facts }) => facts.namespace === namespace && facts.name === name,
      );
      return { kind: namesake ? "otherPod" : "gone" } as const;
    }
    const { budget, facts } = pod;
    if (budget !== undefined && this.closedBudgets.has(budget) && facts.deletionTimestampMs === undefined)
      return { kind: "budgetRefused", text: "no", budget } as const;
    if (facts.deletionTimestampMs === undefined) this.#terminate(pod);
    return { kind: "evicted" } as const;
  }

  #terminate(pod: ModelPod): void {
    const graceMs = 2_000;
    const facts = { ...pod.facts, deletionTimestampMs: this.#timeline.wallMs + graceMs };
    this.pods.set(facts.uid, { ...pod, facts });
    this.#hooks.changed();
    this.#timeline.after(graceMs, () => {
      if (!this.pods.delete(facts.uid)) return;
      this.aftermath.went(facts);
      this.#hooks.changed();
    });
  }

  /** The commit's patch: everything that it tests, and what it sets. */
  commit(
    { report, was, recordText }: Extract<HostAction, { kind: "commit" }>,
    { node: name, by }: AgentWriter,
  ): ActionOutcome {
    const node = this.nodes.get(name);
    if (node === undefined) return { kind: "conflict" };
    const { annotations, unschedulable } = node;
    const requested = annotations[pauseAnnotation] !== undefined || annotations[holdAnnotation] !== undefined;
    const holds = annotations[recordAnnotation] === recordText && annotations[reportAnnotation] === was;
    if (!holds || !unschedulable || requested) return { kind: "conflict" };
    this.annotate(name, { [reportAnnotation]: encodeReport(report) }, { kind: "ours", by });
    return { kind: "done" };
  }

  /** The report's patch: a first one tests the Node's uid, a later one the text that it replaces. */
  writeReport(
    { report, was }: Extract<HostAction, { kind: "writeReport" }>,
    { node: name, by, uid }: AgentWriter & { readonly uid: string | undefined },
  ): ActionOutcome {
    const node = this.nodes.get(name);
    const fits = was === undefined ? node?.uid === uid : node?.annotations[reportAnnotation] === was;
    if (node === undefined || !fits) return { kind: "conflict" };
    this.annotate(name, { [reportAnnotation]: encodeReport(report) }, { kind: "ours", by });
    return { kind: "done" };
  }
}

interface AgentWriter {
  readonly node: string;
  readonly by: string;
}

const person: Writer = { kind: "person" };

function merged(
  annotations: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null | undefined>>,
): Readonly<Record<string, string>> {
  const next: Record<string, string> = { ...annotations };
  for (const [key, text] of Object.entries(change)) {
    if (text === undefined || text === null) delete next[key];
    else next[key] = text;
  }
  return next;
}

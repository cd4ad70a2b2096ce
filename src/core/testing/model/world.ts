import type { Action, RecordStep } from "../../action.ts";
import type { Decision } from "../../decide.ts";
import type { PodFacts } from "../../drain/pod.ts";
import { inProgressAnnotation } from "../../fleet/node.ts";
import { decodeRecord, recordAnnotation } from "../../fleet/record.ts";
import type { View } from "../../fleet/view.ts";
import { entriesOf } from "../../lock/place.ts";
import { parseLedger } from "../../lock/ledger.ts";
import type { Now } from "../../now.ts";
import type { Policy } from "../../policy/policy.ts";
import { owner, pod, policy as policyOf } from "../builders.ts";
import { Agent } from "./agent/agent.ts";
import { leaving, type AftermathSpec } from "./aftermath.ts";
import { budgetLabel } from "./budgets.ts";
import { Cluster } from "./cluster.ts";
import type { ModelNode } from "./node.ts";
import { Decider } from "./decider/decider.ts";
import { Host, type CommandMode } from "./agent/host.ts";
import { Network } from "./network.ts";
import type { Receiver } from "./outbox.ts";
import { Processes } from "./processes.ts";
import { publishDone } from "./publishing.ts";
import { Rules } from "./rules/rules.ts";
import { dice, Timeline } from "./timeline.ts";

/** One node of a model world at its beginning. */
export interface NodeSpec {
  readonly controlPlane: boolean;
  /** When it begins to need a reboot; never where it is absent. */
  readonly needAtMs?: number;
  /** What its reboot command does; works where it is absent. */
  readonly mode?: CommandMode;
  /** How many pods must be evicted from it; every second one is covered by the budget. */
  readonly pods: number;
}

/** What makes one model world; the same makes the same. */
export interface WorldSpec {
  readonly mode: "coordinated" | "classic";
  readonly seed: number;
  readonly nodes: readonly NodeSpec[];
  readonly policy: Partial<Policy>;
  /** How well people can be told; they are there where it is absent. */
  readonly receiver?: Receiver;
  readonly aftermath?: AftermathSpec;
}

/** A whole model cluster with its machines and its kured, and the rules that it must keep. */
export class World {
  readonly mode: WorldSpec["mode"];
  readonly timeline = new Timeline(1_000_000);
  readonly chance: () => number;
  readonly rules: Rules;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly hosts = new Map<string, Host>();
  readonly agents = new Map<string, Agent>();
  readonly deciders: Decider[] = [];
  readonly log: string[] = [];
  readonly processes: Processes;
  policy: Policy;
  /** Nothing goes wrong any more. */
  mended = false;
  #podNumber = 0;
  readonly #receiver: Receiver;

  constructor({ mode, seed, nodes, policy, receiver = "there", aftermath }: WorldSpec) {
    this.#receiver = receiver;
    this.mode = mode;
    this.chance = dice(seed);
    this.policy = policyOf({
      agentProof: mode === "classic" ? "self" : "pod",
      freshness: mode === "classic" ? polled : watched,
      rebootDeadlineMs: 3 * 60_000,
      retryMs: 4 * 60_000,
      ...policy,
      ...(mode === "classic" && { drainFeasibility: "off" }),
    });
    this.rules = new Rules(this);
    this.cluster = new Cluster(this.timeline, {
      node: (change) => {
        this.rules.node(change);
        if (change.action?.kind === "writeRecord") this.#stepWritten(change.action);
        this.hosts.get(change.after?.name ?? "")?.agent?.hear();
      },
      ledger: (change) => this.rules.ledger(change),
      changed: () => {
        for (const decider of this.deciders) decider.hear();
      },
    });
    if (aftermath) this.cluster.aftermath.spec = aftermath;
    this.network = new Network(this.timeline, { chance: this.chance, kill: (victim) => this.processes.kill(victim) });
    this.processes = new Processes({
      mode,
      timeline: this.timeline,
      hosts: this.hosts,
      deciders: this.deciders,
      chance: this.chance,
      note: (what) => this.note(what),
    });
    for (const [index, spec] of nodes.entries()) this.#addNode(`n${index + 1}`, spec);
    if (mode === "coordinated") for (const [name, errorMs] of coordinators) this.#addDecider(name, { errorMs });
    for (const decider of this.deciders) decider.start();
    this.processes.elect(0, { overlapMs: 0 });
  }

  #addNode(name: string, { controlPlane, needAtMs, pods, mode = "works" }: NodeSpec): void {
    const { timeline, cluster, network, chance } = this;
    const need = needAtMs === 0 ? "required" : "notRequired";
    const goesDown = (host: Host) => this.rules.nodes.goesDown(host);
    const host = new Host({ name, timeline, cluster, chance, need, mode, goesDown });
    this.hosts.set(name, host);
    this.register(host, controlPlane);
    const agent = new Agent({
      host,
      owner,
      timeline,
      cluster,
      network,
      chance,
      ...(this.mode === "classic" && {
        fed: (node, observedAtMs) => this.deciders.find(({ own }) => own === name)?.feed(node, observedAtMs),
      }),
      commanded: (who, approval, sentAtMs) => this.rules.commanded(who, approval, sentAtMs),
    });
    this.agents.set(name, agent);
    agent.start();
    if (needAtMs) timeline.after(needAtMs, () => host.setNeed("required"));
    for (let index = 0; index < pods; index++)
      this.addPod(name, index % 2 === 0 ? "web" : undefined, leaving(name, index));
    if (this.mode === "classic") this.#addDecider(`daemon of ${name}`, { own: name, errorMs: 0 });
  }

  /** The kubelet registers the machine, as a new Node object. */
  register(host: Host, controlPlane: boolean): void {
    const { timeline } = this;
    if (this.cluster.nodes.has(host.name)) return;
    this.cluster.putNode({
      name: host.name,
      uid: `${host.name}-uid-${timeline.nowMs}`,
      ready: true,
      readySinceMs: timeline.nowMs - 3_600_000,
      unschedulable: false,
      kubeletBoot: host.bootId,
      controlPlane,
      annotations: {},
      labels: {},
      taints: [],
    });
  }

  #addDecider(name: string, { own, errorMs }: { own?: string; errorMs: number }): void {
    const { timeline, cluster, network, chance } = this;
    const receiver = this.#receiver;
    const told = (key: string) => this.rules.notices.tell(key);
    const outer = { name, timeline, cluster, network, chance, receiver, told };
    const parts = { ...outer, clockErrorMs: errorMs, policy: () => this.policy };
    const decided = (decider: Decider, decision: Decision, scene: { view: View; now: Now }) =>
      this.#decided(decider, decision, scene);
    const classic = own !== undefined && {
      own,
      fed: (node: ModelNode, observedAtMs: number) => this.agents.get(own)?.feed(node, observedAtMs),
    };
    this.deciders.push(new Decider({ ...parts, decided, ...classic }));
  }

  /** A pod that a drain must remove. */
  addPod(nodeName: string, budget?: string, given: Partial<PodFacts> = {}): void {
    this.#podNumber += 1;
    const labels = budget === undefined ? {} : { [budgetLabel]: budget };
    const facts = pod({ name: `web-${this.#podNumber}`, nodeName, labels, ...given });
    this.cluster.putPod({ createdAtMs: this.timeline.nowMs, ...(budget !== undefined && { budget }), facts });
  }

  #decided(decider: Decider, decision: Decision, scene: { view: View; now: Now }): void {
    this.rules.decided(decider, decision, scene);
    if (this.log.length < 5_000)
      for (const action of decision.actions) {
        const to = action.kind === "writeRecord" ? ` -> ${action.record?.phase ?? "none"}` : "";
        this.note(`${decider.name}: ${action.kind} ${"step" in action ? action.step : action.key} ${action.node}${to}`);
      }
    publishDone(decision, { ...scene, by: decider, cluster: this.cluster, network: this.network });
  }

  readonly stepWaiters = new Map<string, () => void>();

  /** Runs something at the next write of that step on that node. */
  atStep(node: string, step: RecordStep, run: () => void): void {
    this.stepWaiters.set(`${step}/${node}`, run);
  }

  #stepWritten({ step, node }: Extract<Action, { kind: "writeRecord" }>): void {
    const run = this.stepWaiters.get(`${step}/${node}`);
    this.stepWaiters.delete(`${step}/${node}`);
    run?.();
  }

  /** For whoever must understand a history that went wrong. */
  note(what: string): void {
    this.log.push(`${this.timeline.nowMs} ${what}`);
  }

  /** What is not as it should be once every node has been rebooted that needed it. */
  leftovers(): readonly string[] {
    const found: string[] = [];
    for (const [name, node] of this.cluster.nodes) {
      const host = this.hosts.get(name);
      const record = decodeRecord(node.annotations[recordAnnotation]);
      if (host?.need !== "notRequired") found.push(`${name} still needs a reboot (${host?.need})`);
      if (record.kind !== "absent") found.push(`${name} has a record: ${"text" in record ? record.text : ""}`);
      found.push(...this.#marksLeft(node));
      if (!host?.up) found.push(`${name} is down`);
    }
    for (const name of this.rules.nodes.ownCordons()) found.push(`${name} keeps our cordon`);
    for (const { nodeId } of entriesOf(parseLedger(this.cluster.ledgerText))) found.push(`${nodeId} is in the lock`);
    return found;
  }

  /** What the label was before its record was removed by hand is known to nobody. */
  #marksLeft({ name, annotations, labels, taints }: ModelNode): readonly string[] {
    const before = Object.entries(this.policy.marks.labelsBefore ?? {});
    const isLeft = !this.rules.nodes.rewritten.has(name) && before.some(([key, value]) => labels[key] === value);
    return [
      ...(isLeft ? [`${name} keeps our labels`] : []),
      ...(annotations[inProgressAnnotation] === undefined ? [] : [`${name} is said to be in progress`]),
      ...(taints.length > 0 ? [`${name} keeps our taint`] : []),
    ];
  }
}

/** Two coordinators, and by how much their wall clocks are wrong. */
const coordinators: readonly (readonly [string, number])[] = [
  ["A", 0],
  ["B", 40_000],
];

const watched: Policy["freshness"] = {
  waitingMs: 300_000,
  restingMs: 300_000,
  goingMs: 300_000,
  gatesMs: 30_000,
  decisiveMs: 2_000,
};
const polled: Policy["freshness"] = {
  waitingMs: 5_000,
  restingMs: 30_000,
  goingMs: 1_000,
  gatesMs: 5_000,
  decisiveMs: 2_000,
};

import type { Action, RecordStep } from "../../action.ts";
import type { Decision } from "../../decide.ts";
import { decodeRecord, recordAnnotation } from "../../fleet/record.ts";
import { verdictAnnotation } from "../../fleet/node.ts";
import type { View } from "../../fleet/view.ts";
import { entriesOf } from "../../lock/place.ts";
import { parseLedger } from "../../lock/ledger.ts";
import type { Now } from "../../now.ts";
import type { Policy } from "../../policy/policy.ts";
import { encodePublished, publish, publishedFor } from "../../verdict/published.ts";
import { owner, policy as policyOf } from "../builders.ts";
import { Agent } from "./agent.ts";
import { Cluster, type ModelNode } from "./cluster.ts";
import { Decider } from "./decider.ts";
import { Host } from "./host.ts";
import { Network, type Living } from "./network.ts";
import { Rules } from "./rules.ts";
import { dice, Timeline } from "./timeline.ts";

export interface NodeSpec {
  readonly controlPlane: boolean;
  /** When it begins to need a reboot; never where it is absent. */
  readonly needAtMs?: number;
  /** How many pods must be evicted from it; every second one is covered by the budget. */
  readonly pods: number;
}

export interface WorldSpec {
  readonly mode: "coordinated" | "classic";
  readonly seed: number;
  readonly nodes: readonly NodeSpec[];
  readonly policy: Partial<Policy>;
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
  readonly deciders: Decider[] = [];
  readonly log: string[] = [];
  policy: Policy;
  #term = 0;

  constructor({ mode, seed, nodes, policy }: WorldSpec) {
    this.mode = mode;
    this.chance = dice(seed);
    this.policy = policyOf({
      agentProof: mode === "classic" ? "self" : "pod",
      freshness: mode === "classic" ? polled : watched,
      rebootDeadlineMs: 3 * 60_000,
      retryMs: 4 * 60_000,
      ...policy,
    });
    this.rules = new Rules(this);
    this.cluster = new Cluster(this.timeline, {
      node: (before, after, writer, action) => {
        this.rules.node(before, after, writer, action);
        if (action?.kind === "writeRecord") this.#stepWritten(action);
        this.hosts.get(after?.name ?? "")?.agent?.hear();
      },
      ledger: (before, after, writer, action) => this.rules.ledger(before, after, writer, action),
      changed: () => {
        for (const decider of this.deciders) decider.hear();
      },
    });
    this.network = new Network(this.timeline, { chance: this.chance, kill: (victim) => this.kill(victim) });
    for (const [index, spec] of nodes.entries()) this.#addNode(`n${index + 1}`, spec);
    if (mode === "coordinated") for (const [name, errorMs] of coordinators) this.#addDecider(name, { errorMs });
    for (const decider of this.deciders) decider.start();
    if (mode === "coordinated") this.elect(0, 0);
  }

  #addNode(name: string, { controlPlane, needAtMs, pods }: NodeSpec): void {
    const { timeline, cluster, network, chance } = this;
    const host = new Host({ name, timeline, cluster, chance, need: needAtMs === 0 ? "required" : "notRequired" });
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
    agent.start();
    if (needAtMs) timeline.after(needAtMs, () => host.setNeed("required"));
    for (let index = 0; index < pods; index++) this.addPod(name, index % 2 === 0 ? "web" : undefined);
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
    });
  }

  #addDecider(name: string, { own, errorMs }: { own?: string; errorMs: number }): void {
    const { timeline, cluster, network, chance } = this;
    const parts = { name, timeline, cluster, network, chance, clockErrorMs: errorMs, policy: () => this.policy };
    const decided = (decider: Decider, decision: Decision, scene: { view: View; now: Now }) =>
      this.#decided(decider, decision, scene);
    const classic = own !== undefined && {
      own,
      fed: (node: ModelNode, observedAtMs: number) => this.hosts.get(own)?.agent?.feed(node, observedAtMs),
    };
    this.deciders.push(new Decider({ ...parts, decided, ...classic }));
  }

  #podNumber = 0;

  addPod(node: string, budget?: string): void {
    this.#podNumber += 1;
    const name = `web-${this.#podNumber}`;
    this.cluster.putPod({
      createdAtMs: this.timeline.nowMs,
      ...(budget !== undefined && { budget }),
      facts: {
        namespace: "shop",
        name,
        uid: name,
        nodeName: node,
        labels: {},
        phase: "Running",
        controller: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "uid-web" },
        mirror: false,
        hasEmptyDir: false,
        ready: true,
      },
    });
  }

  #decided(decider: Decider, decision: Decision, scene: { view: View; now: Now }): void {
    this.rules.decided(decider, decision, scene);
    if (this.log.length < 5_000)
      for (const action of decision.actions) {
        const to = action.kind === "writeRecord" ? ` -> ${action.record?.phase ?? "none"}` : "";
        this.note(
          `${decider.name}: ${action.kind} ${action.kind === "evict" ? action.pod : action.step} ${action.node}${to}`,
        );
      }
    this.#publish(decider, decision, scene);
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

  note(what: string): void {
    this.log.push(`${this.timeline.nowMs} ${what}`);
  }

  /** As the teller does: an outcome is written on the Node once, in a write of its own. */
  #publish(decider: Decider, { verdicts }: Decision, { view, now }: { view: View; now: Now }): void {
    for (const verdict of verdicts) {
      const { node: name, recordId, reasons } = verdict;
      if (recordId === undefined || reasons[0].code !== "Done") continue;
      const node = view.nodes.find((one) => one.name === name);
      if (node === undefined || publishedFor(node.published, { code: "Done", recordId })) continue;
      const text = encodePublished(
        publish(verdict, { sinceMs: now.wallMs, decidedAtMs: now.wallMs, nodesAgeMs: 0, ledgerAgeMs: 0 }),
      );
      this.network.send(decider, {
        write: false,
        apply: () => {
          const known = this.cluster.nodes.get(name)?.annotations[verdictAnnotation];
          if (publishedFor(known, { code: "Done", recordId })) return;
          this.cluster.annotate(name, { [verdictAnnotation]: text }, { kind: "ours", by: decider.name });
        },
        done: () => undefined,
        failed: () => undefined,
      });
    }
  }

  /** A process is killed, with everything that dies with it, and comes back after a while. */
  kill(victim: Living, backAfterMs = 2_000 + this.chance() * 8_000): void {
    this.note(`${victim.name} is killed`);
    const dying = this.#oneProcess(victim);
    for (const part of dying) {
      if (part instanceof Agent) part.die();
      else part.alive = false;
    }
    this.timeline.after(backAfterMs, () => {
      for (const part of dying) if (!part.alive) part.start();
      if (this.mode === "coordinated" && !this.deciders.some(leads))
        this.elect(
          this.deciders.findIndex(({ alive }) => alive),
          0,
        );
    });
    if (victim instanceof Decider && this.mode === "coordinated") {
      victim.leadership = { kind: "following", holder: "" };
      this.timeline.after(15_000, () => {
        if (!this.deciders.some(leads))
          this.elect(
            this.deciders.findIndex(({ alive }) => alive),
            0,
          );
      });
    }
  }

  /** In classic mode the agent and the decider of a node are one process. */
  #oneProcess(victim: Living): readonly (Agent | Decider)[] {
    if (this.mode === "coordinated") return victim instanceof Agent || victim instanceof Decider ? [victim] : [];
    const own = victim instanceof Decider ? victim.own : undefined;
    const host = [...this.hosts.values()].find(({ name, agent }) => name === own || agent === victim);
    const decider = this.deciders.find((one) => one.own === host?.name);
    return [...(host?.agent ? [host.agent] : []), ...(decider ? [decider] : [])];
  }

  /** A coordinator is elected; the one before believes for so long that it still leads. */
  elect(index: number, overlapMs: number): void {
    const next = this.deciders[index];
    if (next === undefined || this.mode === "classic") return;
    this.#term += 1;
    const holder = next.name;
    this.note(`${holder} leads term ${this.#term}`);
    for (const other of this.deciders) {
      if (other === next || !leads(other)) continue;
      const { leadership, life } = other;
      if (leadership.kind !== "leading") continue;
      other.lead({ ...leadership, untilMs: this.timeline.nowMs + overlapMs });
      this.timeline.after(overlapMs, () => {
        if (
          other.life === life &&
          other.leadership.kind === "leading" &&
          other.leadership.untilMs <= this.timeline.nowMs
        )
          other.lead({ kind: "following", holder });
      });
    }
    next.lead({ kind: "leading", term: this.#term, untilMs: Infinity });
  }

  /** What is not as it should be once every node has been rebooted that needed it. */
  leftovers(): readonly string[] {
    const found: string[] = [];
    for (const [name, node] of this.cluster.nodes) {
      const host = this.hosts.get(name);
      const record = decodeRecord(node.annotations[recordAnnotation]);
      if (host?.need !== "notRequired") found.push(`${name} still needs a reboot (${host?.need})`);
      if (record.kind !== "absent") found.push(`${name} has a record: ${"text" in record ? record.text : ""}`);
      if (!host?.up) found.push(`${name} is down`);
    }
    for (const name of this.rules.ownCordons()) found.push(`${name} keeps our cordon`);
    for (const { nodeId } of entriesOf(parseLedger(this.cluster.ledgerText))) found.push(`${nodeId} is in the lock`);
    return found;
  }
}

function leads({ alive, leadership }: Decider): boolean {
  return alive && leadership.kind === "leading";
}

/** Two coordinators, and by how much their wall clocks are wrong. */
const coordinators: readonly (readonly [string, number])[] = [
  ["A", 0],
  ["B", 40_000],
];

const watched: Policy["freshness"] = { waitingMs: 300_000, restingMs: 300_000, goingMs: 300_000, decisiveMs: 2_000 };
const polled: Policy["freshness"] = { waitingMs: 5_000, restingMs: 30_000, goingMs: 1_000, decisiveMs: 2_000 };

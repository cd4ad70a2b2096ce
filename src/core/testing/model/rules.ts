import type { Action } from "../../action.ts";
import { decide, type Decision } from "../../decide.ts";
import { approvalOf, decodeRecord, recordAnnotation, type MaintenanceRecord } from "../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../fleet/report.ts";
import type { View } from "../../fleet/view.ts";
import type { LedgerEntry } from "../../lock/entry.ts";
import { parseLedger } from "../../lock/ledger.ts";
import { entriesOf, hasOurEntry } from "../../lock/place.ts";
import type { Now } from "../../now.ts";
import { windowRefusal } from "../../policy/refusals.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Agent } from "./agent.ts";
import type { ModelNode, Writer } from "./cluster.ts";
import type { Decider } from "./decider.ts";
import type { World } from "./world.ts";

/** The rules that never bend, checked at every write, every decision and every command of a model world. */
export class Rules {
  readonly broken: string[] = [];
  readonly #world: World;
  /** Whose cordon stands on a node, by who set it. */
  readonly #cordons = new Map<string, Writer["kind"]>();
  /** Nodes whose marks a person has meddled with during this maintenance. */
  readonly #meddledCordons = new Set<string>();
  readonly #meddledLocks = new Set<string>();
  readonly #committed = new Set<string>();
  readonly #run = new Set<string>();
  readonly #unavailableSinceMs = new Map<string, number>();
  readonly #turns = new Map<string, { secondMs: number; count: number }>();
  #decisions = 0;

  constructor(world: World) {
    this.#world = world;
  }

  break(rule: string, what: string): void {
    this.broken.push(`rule ${rule}: ${what} (at ${this.#world.timeline.nowMs} ms)`);
  }

  /** Nodes that still carry a cordon of ours. */
  ownCordons(): readonly string[] {
    return Array.from(this.#cordons).flatMap(([name, by]) =>
      by === "ours" && this.#world.cluster.nodes.has(name) ? [name] : [],
    );
  }

  /** A Go kured left its lock: a cordon that stands there with it counts as ours, whoever set it. */
  lockLeft(name: string, { cordoned }: { cordoned: boolean }): void {
    if (cordoned) this.#cordons.set(name, "ours");
    this.#meddledCordons.add(name);
  }

  node(before: ModelNode | undefined, after: ModelNode | undefined, writer: Writer, action?: Action): void {
    const name = after?.name ?? before?.name ?? "";
    this.#watchAvailability(after, name);
    this.#watchCordon(name, { before, after, writer });
    if (before && after && writer.kind === "ours" && action?.kind === "writeRecord")
      this.#recordWritten(action, before);
    if (before && after && action === undefined && writer.kind === "ours") this.#reportWritten(before, after);
    if (writer.kind === "person" && before?.annotations[recordAnnotation] !== after?.annotations[recordAnnotation])
      this.#meddledCordons.add(name);
    this.#forgotten(name);
    if (after === undefined) this.#cordons.delete(name);
    this.#countHolders();
  }

  #watchAvailability(node: ModelNode | undefined, name: string): void {
    const out = node !== undefined && (!node.ready || (node.unschedulable && this.#cordons.get(name) === "person"));
    if (!out) this.#unavailableSinceMs.delete(name);
    else if (!this.#unavailableSinceMs.has(name)) this.#unavailableSinceMs.set(name, this.#world.timeline.nowMs);
  }

  #watchCordon(
    name: string,
    { before, after, writer }: { before: ModelNode | undefined; after: ModelNode | undefined; writer: Writer },
  ): void {
    const [was, is] = [before?.unschedulable === true, after?.unschedulable === true];
    if (is && !was) this.#cordons.set(name, writer.kind);
    if (is || !was) return;
    const by = this.#cordons.get(name);
    if (writer.kind === "ours" && by === "person" && !this.#meddledCordons.has(name))
      this.break("5", `${writer.by} took a person's cordon off ${name}`);
    const host = this.#world.hosts.get(name);
    if (writer.kind === "ours" && host?.shutdownPending && host.commanded)
      this.break("2", `${writer.by} gave ${name} back while it was going down`);
    if (writer.kind === "person" && by === "ours") this.#meddledCordons.add(name);
    this.#cordons.delete(name);
  }

  #recordWritten(action: Extract<Action, { kind: "writeRecord" }>, before: ModelNode): void {
    const reading = decodeRecord(before.annotations[recordAnnotation]);
    const { owner } = this.#world.policy;
    if (reading.kind === "unreadable" || (reading.kind === "record" && reading.record.owner !== owner))
      this.break("6", `a record of somebody else on ${action.node} was overwritten`);
    const { record, was } = action;
    if (record === undefined) {
      this.#meddledCordons.delete(action.node);
      this.#meddledLocks.delete(action.node);
    } else if (record.outcome === "done" && was?.outcome !== "done") this.#done(record, before);
  }

  #done(record: MaintenanceRecord, node: ModelNode): void {
    const host = this.#world.hosts.get(node.name);
    const begun = Number(/-boot-(\d+)$/.exec(record.boot)?.[1] ?? 0);
    if (host && host.boot <= begun)
      this.break("3", `${node.name} is called done and did not boot since ${record.boot}`);
    const report = decodeReport(node.annotations[reportAnnotation]);
    const proven =
      report.kind === "report" &&
      report.report.boot !== record.boot &&
      report.report.need === "notRequired" &&
      node.ready;
    if (!proven) this.break("3", `${node.name} is called done without Ready or without a report of the new boot`);
  }

  /** A commit is a report that newly names an approval. */
  #reportWritten(before: ModelNode, after: ModelNode): void {
    const [old, recent] = [before, after].map((node) => {
      const reading = decodeReport(node.annotations[reportAnnotation]);
      return reading.kind === "report" ? reading.report.commanded : undefined;
    });
    if (recent === undefined || recent.approval === old?.approval || recent.result !== undefined) return;
    const record = decodeRecord(before.annotations[recordAnnotation]);
    if (this.#committed.has(recent.approval)) return;
    this.#committed.add(recent.approval);
    const approved = record.kind === "record" && record.record.phase === "approved";
    if (!approved || approvalOf(record.record) !== recent.approval)
      this.break("2", `${after.name} committed to ${recent.approval}, which was not approved`);
    if (!before.unschedulable) this.break("2", `${after.name} committed without a cordon`);
  }

  commanded(agent: Agent, approval: string, sentAtMs: number): void {
    const { timeline } = this.#world;
    if (this.#run.has(approval)) this.break("2", `${agent.name} ran the command twice for ${approval}`);
    this.#run.add(approval);
    if (!this.#committed.has(approval))
      this.break("2", `${agent.name} ran the command without a commit to ${approval}`);
    if (agent.host.shutdownPending) this.break("2", `${agent.name} ran the command while the machine was going down`);
    if (timeline.nowMs - sentAtMs >= 10_000) this.break("2", `${agent.name} ran the command late`);
  }

  ledger(before: string | undefined, after: string | undefined, writer: Writer, action?: Action): void {
    const [old, recent] = [before, after].map((text) => entriesOf(parseLedger(text)));
    const removed = (old ?? []).filter((entry) => !(recent ?? []).some((other) => isSame(other, entry)));
    if (writer.kind === "person") {
      for (const { nodeId } of removed) {
        this.#meddledLocks.add(nodeId);
        this.#forgotten(nodeId);
      }
    } else if (action?.kind === "writeLedger") {
      if (parseLedger(before).kind === "unreadable") this.break("6", "an unreadable lock was overwritten");
      const stay = (old ?? []).filter((entry) => !removed.includes(entry));
      if (stay.length > 0 && recent?.length && parseLedger(before).kind !== parseLedger(after).kind)
        this.break("6", "the lock's other format was overwritten");
      for (const entry of removed)
        if (!this.#mayGo(entry, action)) this.break("6", `${action.step} removed ${JSON.stringify(entry, text)}`);
      if (action.step === "take") this.#taken(action.node, recent ?? []);
    }
    this.#countHolders();
  }

  /** Whoever removes both the record and the lock entry has the cordon to herself: nobody else knows of it. */
  #forgotten(name: string): void {
    const entries = entriesOf(parseLedger(this.#world.cluster.ledgerText));
    const isKnown = this.#recordOf(name) !== undefined || entries.some(({ nodeId }) => nodeId === name);
    if (!isKnown && this.#cordons.get(name) === "ours") this.#cordons.set(name, "person");
  }

  #mayGo(entry: LedgerEntry, { step, node: about }: Extract<Action, { kind: "writeLedger" }>): boolean {
    const { cluster, timeline } = this.#world;
    const node = cluster.nodes.get(entry.nodeId);
    const record = this.#recordOf(entry.nodeId);
    // Where a person wrote over the record, whoever had it may not have heard of that yet.
    const isOwn = (record?.lock === entry.created && record.phase === "closing") || this.#meddledCordons.has(about);
    if (step === "release") return about === entry.nodeId && isOwn;
    if (step === "renew") return about === entry.nodeId;
    if (entry.createdMs === undefined) return false;
    const missingAtMs = cluster.missingAtMs.get(entry.nodeId) ?? -Infinity;
    if (node === undefined || missingAtMs + 120_000 > timeline.nowMs) return true;
    const isOver = entry.ttlNs > 0n && entry.createdMs + Number(entry.ttlNs / 1_000_000n) <= timeline.wallMs + 120_000;
    return isOver && node.ready && !node.unschedulable && timeline.nowMs - node.readySinceMs >= 4 * 60_000;
  }

  /** What was out of service for a minute before a place was taken must have been counted. */
  #taken(name: string, entries: readonly LedgerEntry[]): void {
    const { concurrency } = this.#world.policy;
    if (entries.length > Math.max(1, concurrency)) this.break("1", `${entries.length} entries in the lock`);
    if (this.#world.mode === "classic") return;
    const { nowMs } = this.#world.timeline;
    const out = Array.from(this.#unavailableSinceMs).flatMap(([other, sinceMs]) =>
      other !== name && nowMs - sinceMs > 60_000 && !entries.some(({ nodeId }) => nodeId === other) ? [other] : [],
    );
    if (entries.length + out.length > Math.max(1, concurrency))
      this.break("1", `${name} was claimed while ${out.join(", ")} were out of service`);
  }

  #recordOf(name: string): MaintenanceRecord | undefined {
    const reading = decodeRecord(this.#world.cluster.nodes.get(name)?.annotations[recordAnnotation]);
    return reading.kind === "record" && reading.record.owner === this.#world.policy.owner ? reading.record : undefined;
  }

  #countHolders(): void {
    const holders = [...this.#world.cluster.nodes.values()].filter(({ name }) => {
      const phase = this.#recordOf(name)?.phase;
      return phase !== undefined && disrupting.has(phase) && !this.#meddledLocks.has(name);
    });
    const limit = Math.max(1, this.#world.policy.concurrency);
    if (holders.length > limit) this.break("1", `${holders.map(({ name }) => name).join(", ")} at once`);
    if (this.#world.mode === "coordinated" && holders.filter(({ controlPlane }) => controlPlane).length > 1)
      this.break("1", "two control-plane nodes at once");
  }

  /** What may be seen from a decision itself. */
  decided(decider: Decider, decision: Decision, { view, now }: { view: View; now: Now }): void {
    const { policy } = this.#world;
    for (const action of decision.actions) this.#begun(action, { decision, view, now, decider });
    this.#asked(decider, decision, view);
    this.#decisions += 1;
    if (decision.wakeAtMs <= now.monotonicMs && decision.actions.length === 0 && decision.questions.length === 0)
      this.break(
        "wake",
        `${decider.name} asks to be woken in the past: ${decision.verdicts.map(({ reasons }) => reasons[0].code).join(", ")}`,
      );
    if (this.#decisions % 8 === 0) this.#wakes(decider, { decision, view, policy, now });
    this.turned(decider.name);
  }

  /** Whatever loops: nobody decides hundreds of times a second. */
  turned(name: string): void {
    const secondMs = Math.floor(this.#world.timeline.nowMs / 1_000);
    const turns = this.#turns.get(name);
    const count = turns?.secondMs === secondMs ? turns.count + 1 : 1;
    this.#turns.set(name, { secondMs, count });
    if (count === 300) this.break("wake", `${name} decides 300 times in a second`);
  }

  /** At its own alarm a decider that knows nothing new either has something to do or asks to be woken later. */
  #wakes(
    decider: Decider,
    { decision, view, policy, now }: { decision: Decision; view: View; policy: Policy; now: Now },
  ): void {
    const inMs = decision.wakeAtMs - now.monotonicMs;
    if (!Number.isFinite(inMs) || inMs <= 0) return;
    const at = { wallMs: now.wallMs + Math.ceil(inMs), monotonicMs: now.monotonicMs + Math.ceil(inMs) };
    const next = decide(view, policy, at);
    if (next.wakeAtMs <= at.monotonicMs && next.actions.length === 0 && next.questions.length === 0)
      this.break("wake", `${decider.name} does not get past its own alarm`);
  }

  /** Polling costs requests, so an idle node asks for nothing. */
  #asked(decider: Decider, { questions, verdicts }: Decision, view: View): void {
    const idle = verdicts.every(({ reasons, recordId }) => reasons[0].code === "NotRequired" && recordId === undefined);
    const entries = view.ledger.kind === "seen" ? entriesOf(view.ledger.ledger) : [];
    const held = entries.some(({ nodeId }) => nodeId === decider.own);
    if (decider.own !== undefined && idle && !held && view.ledger.kind === "seen" && questions.length > 0)
      this.break("polling", `idle ${decider.name} asks for ${questions.map(({ kind }) => kind).join(", ")}`);
  }

  #begun(
    action: Action,
    { decision, view, now, decider }: { decision: Decision; view: View; now: Now; decider: Decider },
  ): void {
    const { policy } = this.#world;
    const seen = view.nodes.find(({ name }) => name === action.node);
    if (action.kind === "evict") {
      if (seen?.pause || seen?.hold || (view.ledger.kind === "seen" && view.ledger.pause))
        this.break("pause", `${action.key} in a pause`);
      if (!seen?.unschedulable) this.break("2", `${action.key} without a cordon`);
      return;
    }
    const begins = action.kind === "writeLedger" ? action.step === "take" : beginning.has(action.step);
    if (!begins || seen === undefined) return;
    const what = `${decider.name} ${action.step} ${action.node}`;
    const need = seen.report.kind === "report" ? seen.report.report.need : "unknown";
    if (need !== "required") this.break("7", `${what} although the need is ${need}`);
    if (windowRefusal({ view, policy, now, stopped: [] })) this.break("7", `${what} outside the window`);
    const stopped = decision.verdicts.some(({ reasons }) => stopping.has(reasons[0].code));
    if (stopped) this.break("8", `${what} although a node did not come back`);
    if (seen.pause || seen.hold || (view.ledger.kind === "seen" && view.ledger.pause)) this.break("pause", what);
    if (action.step === "approve") this.#approved(action, { view, now, what });
  }

  #approved(action: Action, { view, now, what }: { view: View; now: Now; what: string }): void {
    const { policy, cluster, timeline } = this.#world;
    const node = view.nodes.find(({ name }) => name === action.node);
    const { decisiveMs } = policy.freshness;
    const { ledger } = view;
    if (node === undefined || node.record.kind !== "record") return;
    if (ledger.kind !== "seen" || !hasOurEntry(ledger, { node, record: node.record.record }))
      this.break("2", `${what} without our lock entry`);
    else if (ledger.observedAtMs + decisiveMs < now.monotonicMs) this.break("2", `${what} on an old look at the lock`);
    if (!node.unschedulable) this.break("2", `${what} without a cordon`);
    if (policy.forceReboot) return;
    const left = [...cluster.pods.values()].filter(
      ({ facts, createdAtMs }) =>
        facts.nodeName === action.node &&
        facts.controller?.kind !== "DaemonSet" &&
        createdAtMs < timeline.nowMs - decisiveMs - 100,
    );
    if (left.length > 0) this.break("2", `${what} with ${left.map(({ facts }) => facts.name).join(", ")} still there`);
  }
}

const disrupting: ReadonlySet<string> = new Set(["draining", "approved", "rebooting", "returning"]);
const beginning: ReadonlySet<string> = new Set(["intend", "cordon", "approve"]);
const stopping: ReadonlySet<string> = new Set(["Failed", "RebootOverdue"]);

function isSame(one: LedgerEntry, other: LedgerEntry): boolean {
  return one.nodeId === other.nodeId && one.created === other.created;
}

function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}

import type { Action } from "../../../action.ts";
import { approvalOf, decodeRecord, recordAnnotation, type MaintenanceRecord } from "../../../fleet/record.ts";
import { decodeReport, reportAnnotation } from "../../../fleet/report.ts";
import { parseLedger } from "../../../lock/ledger.ts";
import { entriesOf } from "../../../lock/place.ts";
import type { Agent } from "../agent/agent.ts";
import type { Host } from "../agent/host.ts";
import type { Changed, Writer } from "../cluster.ts";
import type { ModelNode } from "../node.ts";
import { recordOf, type Marks } from "./lock.ts";
import type { Break, Scenery } from "./scenery.ts";

/** What may be written on a node, and when its machine may be told to reboot (rules 2, 3, 5 and 6). */
export class RulesOfTheNodes implements Marks {
  readonly meddled = new Set<string>();
  /** Nodes whose record was changed by a person at any time. */
  readonly rewritten = new Set<string>();
  readonly unavailableSinceMs = new Map<string, number>();
  /** Whose cordon stands on a node, by who set it. */
  readonly #cordons = new Map<string, Writer["kind"]>();
  /** Who took the last cordon off a node. */
  readonly #uncordoned = new Map<string, Writer["kind"]>();
  readonly #committed = new Set<string>();
  readonly #run = new Set<string>();
  readonly #scenery: Scenery;
  readonly #break: Break;
  readonly #over: (name: string) => void;

  constructor(scenery: Scenery, { broken, over }: { broken: Break; over: (name: string) => void }) {
    this.#scenery = scenery;
    this.#break = broken;
    this.#over = over;
  }

  /** Nodes that still carry a cordon of ours. */
  ownCordons(): readonly string[] {
    const { cluster } = this.#scenery;
    return Array.from(this.#cordons).flatMap(([name, by]) => (by === "ours" && cluster.nodes.has(name) ? [name] : []));
  }

  /** A Go kured left its lock: a cordon that stands there with it counts as ours, whoever set it. */
  lockLeft(name: string, { cordoned }: { cordoned: boolean }): void {
    if (cordoned) this.#cordons.set(name, "ours");
    this.meddled.add(name);
  }

  changed(change: Changed<ModelNode>): void {
    const { before, after, writer, action } = change;
    const name = after?.name ?? before?.name ?? "";
    this.#watchAvailability(after, name);
    this.#watchCordon(name, change);
    if (before && after && writer.kind === "ours" && action?.kind === "writeRecord")
      this.#recordWritten(action, before);
    if (before && after && action === undefined && writer.kind === "ours") this.#reportWritten(before, after);
    if (writer.kind === "person" && before?.annotations[recordAnnotation] !== after?.annotations[recordAnnotation]) {
      this.meddled.add(name);
      this.rewritten.add(name);
    }
    this.forgotten(name);
    if (after === undefined) this.#cordons.delete(name);
  }

  #watchAvailability(node: ModelNode | undefined, name: string): void {
    const out = node !== undefined && (!node.ready || (node.unschedulable && this.#cordons.get(name) === "person"));
    if (!out) this.unavailableSinceMs.delete(name);
    else if (!this.unavailableSinceMs.has(name)) this.unavailableSinceMs.set(name, this.#scenery.timeline.nowMs);
  }

  #watchCordon(name: string, { before, after, writer }: Changed<ModelNode>): void {
    const [was, is] = [before?.unschedulable === true, after?.unschedulable === true];
    if (is && !was) this.#cordons.set(name, writer.kind);
    if (is || !was) return;
    this.#uncordoned.set(name, writer.kind);
    const by = this.#cordons.get(name);
    if (writer.kind === "ours" && by === "person" && !this.meddled.has(name))
      this.#break("5", `${writer.by} took a person's cordon off ${name}`);
    const host = this.#scenery.hosts.get(name);
    if (writer.kind === "ours" && host?.shutdownPending && host.commanded)
      this.#break("2", `${writer.by} gave ${name} back while it was going down`);
    if (writer.kind === "person" && by === "ours") this.meddled.add(name);
    this.#cordons.delete(name);
  }

  /** Whoever removes both the record and the lock entry has the cordon to herself: nobody else knows of it. */
  forgotten(name: string): void {
    const entries = entriesOf(parseLedger(this.#scenery.cluster.ledgerText));
    const isKnown = recordOf(this.#scenery, name) !== undefined || entries.some(({ nodeId }) => nodeId === name);
    if (!isKnown && this.#cordons.get(name) === "ours") this.#cordons.set(name, "person");
  }

  #recordWritten(action: Extract<Action, { kind: "writeRecord" }>, before: ModelNode): void {
    const reading = decodeRecord(before.annotations[recordAnnotation]);
    const { owner } = this.#scenery.policy;
    if (reading.kind === "unreadable" || (reading.kind === "record" && reading.record.owner !== owner))
      this.#break("6", `a record of somebody else on ${action.node} was overwritten`);
    const { record, was } = action;
    if (action.step === "mark") return;
    if (record === undefined) {
      this.meddled.delete(action.node);
      this.#over(action.node);
    } else if (record.outcome === "done" && was?.outcome !== "done") this.#done(record, before);
  }

  #done(record: MaintenanceRecord, node: ModelNode): void {
    const host = this.#scenery.hosts.get(node.name);
    const begun = Number(/-boot-(\d+)$/.exec(record.boot)?.[1] ?? 0);
    if (host && host.boot <= begun)
      this.#break("3", `${node.name} is called done and did not boot since ${record.boot}`);
    const report = decodeReport(node.annotations[reportAnnotation]);
    const proven =
      report.kind === "report" &&
      report.report.boot !== record.boot &&
      report.report.need === "notRequired" &&
      node.ready;
    if (!proven) this.#break("3", `${node.name} is called done without Ready or without a report of the new boot`);
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
      this.#break("2", `${after.name} committed to ${recent.approval}, which was not approved`);
    if (!before.unschedulable) this.#break("2", `${after.name} committed without a cordon`);
  }

  /** A machine that was commanded to goes down with our cordon, or somebody else's, on its node. */
  goesDown({ name, commanded }: Host): void {
    const node = this.#scenery.cluster.nodes.get(name);
    if (commanded && node?.unschedulable === false && this.#uncordoned.get(name) === "ours")
      this.#break("2", `${name} goes down after it was given back`);
  }

  commanded(agent: Agent, approval: string, sentAtMs: number): void {
    const { timeline } = this.#scenery;
    if (this.#run.has(approval)) this.#break("2", `${agent.name} ran the command twice for ${approval}`);
    this.#run.add(approval);
    if (!this.#committed.has(approval))
      this.#break("2", `${agent.name} ran the command without a commit to ${approval}`);
    if (agent.host.shutdownPending && agent.host.commanded)
      this.#break("2", `${agent.name} ran the command while the machine was going down`);
    if (timeline.nowMs - sentAtMs >= 10_000) this.#break("2", `${agent.name} ran the command late`);
  }
}

import type { NodeFacts } from "../../../fleet/node.ts";
import type { LedgerFacts } from "../../../fleet/view.ts";
import type { Answer } from "../../../question.ts";

/** What one deciding process knows of the cluster: copies, each with the instant at which it was true. */
export class Knowledge {
  nodes = new Map<string, NodeFacts>();
  nodesObservedAtMs = -Infinity;
  ledger: LedgerFacts = unread;
  readonly answers = new Map<string, Answer>();

  /** An older copy than the one that is known is ignored. */
  putNode(node: NodeFacts): void {
    const known = this.nodes.get(node.name);
    if (known?.uid === node.uid && Number(known.resourceVersion) > Number(node.resourceVersion)) return;
    this.nodes.set(node.name, node);
  }

  nodesSeen(observedAtMs: number): void {
    this.nodesObservedAtMs = Math.max(this.nodesObservedAtMs, observedAtMs);
  }

  putLedger(seen: Extract<LedgerFacts, { kind: "seen" }>): void {
    const known = this.ledger;
    const older = known.kind === "seen" && Number(known.resourceVersion) > Number(seen.resourceVersion);
    const observedAtMs = older ? Math.max(known.observedAtMs, seen.observedAtMs) : seen.observedAtMs;
    this.ledger = older ? { ...known, observedAtMs } : seen;
  }

  /** A write of it was not answered: until it is read again it proves nothing. */
  ledgerUnsure(): void {
    if (this.ledger.kind === "seen") this.ledger = { ...this.ledger, observedAtMs: -Infinity };
  }
}

const unread: LedgerFacts = { kind: "unseen" };

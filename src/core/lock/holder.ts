import type { Question } from "../question.ts";
import type { LedgerEntry } from "./entry.ts";
import type { HolderNode, Standing } from "./standing.ts";

/** An entry of the ledger and what it means to us now. */
export interface Holder {
  readonly entry: LedgerEntry;
  readonly standing: Standing;
  /** What would settle its meaning, where that is not known yet. */
  readonly question?: Question;
  /** Whether its Node was asked for at all, with whatever outcome. */
  readonly isLookedAt?: boolean;
  /** Its Node when it was last seen, however long ago. */
  readonly node?: Extract<HolderNode, { kind: "present" }>;
}

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Random } from "../../ports/random.ts";
import { describeFailure } from "../answers.ts";
import type { Answer } from "../answers.ts";
import type { KubeClient } from "../client.ts";
import { changedLease, decodeLease, newLease } from "./lease.ts";
import type { LeaseRecord, Tenure } from "./lease.ts";
import { electionStep, sight } from "./step.ts";
import type { ElectionStep, Sighting } from "./step.ts";

/** Whether this process may act as the leader. */
export type Leadership =
  /** It may until then, unless told again; each renewal tells again. `term` is higher than any leader's before. */
  | { readonly kind: "leading"; readonly term: number; readonly heldUntilMonotonicMs: number }
  /** It may not. `holder` is `undefined` where nobody holds the Lease or it cannot be known. */
  | { readonly kind: "following"; readonly holder: string | undefined };

/** What an election needs. */
export interface ElectionParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Different for each candidate, such as the pod's name; a process that restarts may keep it. */
  readonly identity: string;
  readonly namespace: string;
  readonly name: string;
  /** After so long without a renewal another candidate takes over. */
  readonly leaseDurationMs: number;
  /** After so long without a renewal we do not lead any more. Shorter: the rest is for requests still on their way. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  /** Told at the first answer, at each renewal and when we no longer lead; the last word is always `following`. */
  readonly onChange: (leadership: Leadership) => void;
  /** The API server has told what the Lease says, or that there is none. */
  readonly contact?: () => void;
  /** The Lease could not be read or written; tried again. */
  readonly lost?: (reason: string) => void;
  readonly signal: AbortSignal;
}

/** One candidate and what it remembers from attempt to attempt; `runElection` drives it. */
export class Candidacy {
  readonly #parts: ElectionParts;
  #leadership: Leadership | undefined;
  #sighting: Sighting | undefined;
  #highestTerm = 0;
  /** Of the last acquisition that was sent, perhaps in vain: what a release may give back. */
  #claimedTerm: number | undefined;
  #lastTrouble = "";

  constructor(parts: ElectionParts) {
    this.#parts = parts;
  }

  /** How long we lead without another renewal; endless while following. */
  leftMs(): number {
    if (this.#leadership?.kind !== "leading") return Infinity;
    return Math.max(0, this.#leadership.heldUntilMonotonicMs - this.#nowMs());
  }

  /** Looks at the Lease where that is needed, and writes it where that is due. Rejects only with `signal.reason`. */
  async attempt(): Promise<void> {
    if (this.leftMs() === 0) this.#follow(undefined, "it could not be renewed in time");
    // While we lead, the Lease is as we wrote it last; if it is not, the write is refused and we look.
    if (this.#leadership?.kind !== "leading" && !(await this.#look())) return;
    const outcome = await this.#carryOut(this.#step());
    if (outcome === "lookAgain" && (await this.#look())) await this.#carryOut(this.#step());
  }

  /** Gives the Lease back if it may be ours, so that others need not wait for it to run out. Never rejects. */
  async release(): Promise<void> {
    const { clock, log, namespace, name } = this.#parts;
    const term = this.#claimedTerm;
    if (term === undefined) return;
    if (this.#leadership?.kind === "leading") this.#tell({ kind: "following", holder: undefined });
    // The election's own signal has aborted already.
    const deadline = clock.deadline(releaseTimeoutMs, { signal: new AbortController().signal });
    try {
      const given = await this.#giveBack(term, deadline.signal);
      if (given) log.write("info", `Released the lease ${namespace}/${name} of term ${term}`);
    } catch {
      log.write("warning", `Could not release the lease ${namespace}/${name}; others must wait until it has run out`);
    } finally {
      deadline.clear();
    }
  }

  async #giveBack(term: number, signal: AbortSignal): Promise<boolean> {
    const { client, clock, namespace, name, identity } = this.#parts;
    const call = { namespace, name, decode: decodeLease, signal };
    for (let attempt = 1; attempt <= 2; attempt++) {
      const lease = await client.get("leases", call);
      if (lease.kind === "gone") return false;
      if (lease.kind !== "ok") throw new Error(describeFailure(lease));
      if (lease.value.holder !== identity || lease.value.term !== term) return false;
      const renewedAtWallMs = clock.now().wallMs;
      const nobody: Tenure = { holder: "", term, durationMs: 1000, acquiredAtWallMs: undefined, renewedAtWallMs };
      const released = await client.replace("leases", { ...call, object: changedLease(lease.value, nobody) });
      if (released.kind === "ok") return true;
      // A renewal that was on its way when we stopped has come through in between.
      if (released.kind !== "conflict") throw new Error(describeFailure(released));
    }
    return false;
  }

  /** Reads the Lease; false where it cannot be known. */
  async #look(): Promise<boolean> {
    const { client, namespace, name, signal } = this.#parts;
    const lease = await client.get("leases", { namespace, name, decode: decodeLease, signal, ...this.#limit() });
    if (lease.kind === "gone") {
      this.#sighting = undefined;
      this.#parts.contact?.();
      return true;
    }
    if (lease.kind === "ok") {
      this.#see(lease.value);
      return true;
    }
    this.#trouble(describeFailure(lease));
    return false;
  }

  #see(record: LeaseRecord): void {
    this.#sighting = sight(this.#sighting, record, this.#nowMs());
    this.#highestTerm = Math.max(this.#highestTerm, record.term);
    this.#lastTrouble = "";
    this.#parts.contact?.();
  }

  #step(): ElectionStep {
    const { identity, leaseDurationMs } = this.#parts;
    const leadingTerm = this.#leadership?.kind === "leading" ? this.#leadership.term : undefined;
    const remembered = { claimedTerm: this.#claimedTerm, highestTerm: this.#highestTerm };
    return electionStep(this.#sighting, { identity, leadingTerm, ...remembered, leaseDurationMs }, this.#nowMs());
  }

  async #carryOut(step: ElectionStep): Promise<"done" | "lookAgain"> {
    if (step.kind === "wait") {
      const namesake = step.holder === this.#parts.identity ? "another process of our own name" : step.holder;
      this.#follow(step.holder, `${namesake} holds it`);
      return "done";
    }
    if (step.kind !== "renew") {
      // Whoever took it or removed it in the middle of our term: that term is over, and others may lead by now.
      this.#follow(undefined, "it is not ours any more");
      this.#highestTerm = step.term;
      this.#claimedTerm = step.term;
    }
    const heldUntilMonotonicMs = this.#nowMs() + this.#parts.renewDeadlineMs;
    const answer = await this.#write(step);
    return this.#afterWrite(answer, { term: step.term, heldUntilMonotonicMs });
  }

  async #write(step: Exclude<ElectionStep, { kind: "wait" }>): Promise<Answer<LeaseRecord>> {
    const { client, clock, identity, namespace, name, leaseDurationMs, signal } = this.#parts;
    const { wallMs } = clock.now();
    const acquiredAtWallMs = step.kind === "renew" ? undefined : wallMs;
    const { term } = step;
    const tenure = { holder: identity, term, durationMs: leaseDurationMs, acquiredAtWallMs, renewedAtWallMs: wallMs };
    const call = { namespace, decode: decodeLease, signal, ...this.#limit() };
    if (this.#sighting === undefined) {
      return await client.create("leases", { ...call, object: newLease({ namespace, name }, tenure) });
    }
    return await client.replace("leases", { ...call, name, object: changedLease(this.#sighting.record, tenure) });
  }

  /** Counted from before the request was sent: whoever takes over has begun to count later than that. */
  #afterWrite(
    answer: Answer<LeaseRecord>,
    leading: { readonly term: number; readonly heldUntilMonotonicMs: number },
  ): "done" | "lookAgain" {
    switch (answer.kind) {
      case "ok":
        this.#see(answer.value);
        if (this.#nowMs() < leading.heldUntilMonotonicMs) this.#tell({ kind: "leading", ...leading });
        return "done";
      case "conflict":
      case "alreadyExists":
      case "gone":
        return "lookAgain";
      default:
        this.#trouble(describeFailure(answer));
        return "done";
    }
  }

  #follow(holder: string | undefined, reason: string): void {
    const { log, namespace, name } = this.#parts;
    const before = this.#leadership;
    if (before?.kind === "leading") {
      log.write("warning", `Lost the lease ${namespace}/${name} of term ${before.term}: ${reason}`);
    } else if (before?.holder === holder && before !== undefined) return;
    else if (holder !== undefined) log.write("info", `Waiting for the lease ${namespace}/${name}: ${reason}`);
    this.#tell({ kind: "following", holder });
  }

  #tell(leadership: Leadership): void {
    const { log, namespace, name, onChange } = this.#parts;
    const news = leadership.kind === "leading" && this.#leadership?.kind !== "leading";
    if (news) log.write("info", `Acquired the lease ${namespace}/${name}, term ${leadership.term}`);
    this.#leadership = leadership;
    onChange(leadership);
  }

  /** Written once for as long as it stays the same. */
  #trouble(reason: string): void {
    const { log, namespace, name, lost } = this.#parts;
    lost?.(reason);
    const level = reason === this.#lastTrouble ? "debug" : "warning";
    this.#lastTrouble = reason;
    log.write(level, `Could not read or write the lease ${namespace}/${name}: ${reason}`);
  }

  /** One request that hangs must leave time for another before the term is over. */
  #limit(): { readonly timeoutMs: number } {
    return { timeoutMs: Math.max(1, Math.min(this.#parts.renewDeadlineMs / 2, this.leftMs())) };
  }

  #nowMs(): number {
    return this.#parts.clock.now().monotonicMs;
  }
}

const releaseTimeoutMs = 3_000;

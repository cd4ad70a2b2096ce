import { numberAt, parseJson, textAt } from "../../apiserver/objects/json.ts";
import type { Json } from "../../apiserver/objects/json.ts";
import type { Change } from "../../apiserver/store/store.ts";
import type { Sent } from "../observer.ts";
import type { Life } from "../processes/life.ts";
import type { MachineTime } from "../time/machine-time.ts";
import type { World } from "../world.ts";
import type { Rule } from "./scenery.ts";
import { writerOf } from "../authors/writer.ts";

/** A leader counts on so much of its Lease; the rest is for requests that are still on their way. */
const shareOfLease = 2 / 3;

/** What one process may believe of itself: it leads until then, by its own clock. */
interface Term {
  readonly name: string;
  readonly time: MachineTime;
  readonly untilMonotonicMs: number;
  /** The UID of the Lease that it has by the answer; a Lease made anew has another. */
  readonly uid: string | undefined;
}

/** Rule 4, of leaders: never two by one Lease at one instant, and nothing is written by one whose Lease has run out. */
export const leaders: Rule = ({ world }) => {
  const terms = new Map<Life, Term>();
  const book: Book = { world, terms, renewals: new Map(), deleted: new Set() };
  return {
    written: (change, user) => {
      if (change.stored === "leases.coordination.k8s.io") noteStored(change, { book, user });
    },
    sent: (sent) => {
      const { container, request } = sent;
      const time = world.machines.get(container.workplace.machine)?.time;
      if (container.workplace.role !== "coordinator" || time === undefined || request.method === "GET") return;
      if (request.path.includes("/leases")) noteLease(sent, { book, time });
      else if (isAct(sent) && !leads(terms.get(container.life)))
        world.break("rule 4", `${container.name} writes without leading: ${request.method} ${request.path}`);
    },
  };
};

function leads(term: Term | undefined): term is Term {
  return term !== undefined && term.time.now().monotonicMs < term.untilMonotonicMs;
}

interface Book {
  readonly world: World;
  readonly terms: Map<Life, Term>;
  /** The UID of the Lease that each renewal was stored in, until its answer is there. */
  readonly renewals: Map<string, string>;
  /** The UIDs of Leases that somebody else deleted. */
  readonly deleted: Set<string>;
}

function noteStored({ before, after }: Change, { book, user }: { readonly book: Book; readonly user: string }): void {
  const uid = textAt(after ?? before, "metadata", "uid");
  if (uid === undefined) return;
  if (writerOf(user) === "ours") book.renewals.set(renewalOf(user, after), uid);
  else if (after === undefined) book.deleted.add(uid);
}

/** What tells a candidate's renewals from each other: each states when it was sent. */
function renewalOf(name: string, lease: Json | undefined): string {
  return `${name} ${textAt(lease, "spec", "renewTime")}`;
}

/**
 * Whoever leads by a Lease that somebody deletes cannot know before its next renewal is refused, while the next leader
 * has a Lease of its own already. It may even be told only then that its last renewal, of the deleted Lease, was
 * stored: an answer can come seconds late. Two leaders by one Lease are never excused, whatever becomes of it.
 */
function isExcused(one: Term, other: Term, { deleted }: Book): boolean {
  if (one.uid === undefined || other.uid === undefined || one.uid === other.uid) return false;
  return deleted.has(one.uid) || deleted.has(other.uid);
}

/** From when a renewal was sent, and once its answer is there; giving the Lease back counts at once. */
function noteLease(
  { container, request, answer }: Sent,
  { book, time }: { readonly book: Book; readonly time: MachineTime },
): void {
  const { world, terms, renewals } = book;
  const { name, life } = container;
  const lease = parseJson(request.body ?? "");
  if ((textAt(lease, "spec", "holderIdentity") ?? "") === "") {
    terms.delete(life);
    return;
  }
  const heldMs = (numberAt(lease, "spec", "leaseDurationSeconds") ?? 0) * 1_000 * shareOfLease;
  const renewal = renewalOf(name, lease);
  const untilMonotonicMs = time.now().monotonicMs + heldMs;
  answer.then(
    ({ status }) => {
      if (status >= 300) return;
      const mine = { name, time, untilMonotonicMs, uid: renewals.get(renewal) };
      renewals.delete(renewal);
      terms.set(life, mine);
      for (const [other, term] of terms) {
        if (other.state === "dead") terms.delete(other);
        else if (other !== life && leads(term) && leads(mine) && !isExcused(mine, term, book))
          world.break("rule 4", `${name} leads while ${term.name} still does`);
      }
    },
    () => undefined,
  );
}

/** Not a question: whether one may, or what would be. */
function isAct({ request: { path, body = "" } }: Sent): boolean {
  return !path.startsWith("/apis/authorization.k8s.io/") && !/dryRun/.test(path) && !/"dryRun"/.test(body);
}

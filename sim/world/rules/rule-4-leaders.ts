import { numberAt, parseJson, textAt } from "../../apiserver/objects/json.ts";
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
  untilMonotonicMs: number;
  /** When its Lease was last written, as far as it knows. */
  readonly sentAtMs: number;
}

/** Rule 4, of leaders: never two at one instant, unless somebody deletes the Lease, and nothing is written by one whose Lease has run out. */
export const leaders: Rule = ({ world }) => {
  const terms = new Map<Life, Term>();
  const book: Book = { world, terms, deletedAtMs: -Infinity };
  return {
    written: ({ stored, after }, user) => {
      if (stored !== "leases.coordination.k8s.io" || after !== undefined || writerOf(user) === "ours") return;
      book.deletedAtMs = world.timeline.nowMs;
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
  /** When somebody deleted the Lease, which its leader cannot know before its next renewal. */
  deletedAtMs: number;
}

/** From when a renewal was sent, and once its answer is there; giving the Lease back counts at once. */
function noteLease(
  { container, request, answer }: Sent,
  { book, time }: { readonly book: Book; readonly time: MachineTime },
): void {
  const { world, terms } = book;
  const { name, life } = container;
  const lease = parseJson(request.body ?? "");
  if ((textAt(lease, "spec", "holderIdentity") ?? "") === "") {
    terms.delete(life);
    return;
  }
  const heldMs = (numberAt(lease, "spec", "leaseDurationSeconds") ?? 0) * 1_000 * shareOfLease;
  const sentAtMs = world.timeline.nowMs;
  const untilMonotonicMs = time.now().monotonicMs + heldMs;
  answer.then(
    ({ status }) => {
      if (status >= 300) return;
      terms.set(life, { name, time, untilMonotonicMs, sentAtMs });
      for (const [other, term] of terms) {
        if (other.state === "dead") terms.delete(other);
        else if (other !== life && term.sentAtMs > book.deletedAtMs && leads(term) && leads(terms.get(life)))
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

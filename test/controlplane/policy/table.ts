import { test } from "node:test";
import { RequestRefused } from "../client.ts";
import { assertAllowed, assertRefused, attempt, rehearsed, type Attempt, type Refuser } from "./attempts.ts";
import type { Cast } from "./cast.ts";
import { PARTIES, type Party } from "./parties.ts";

/** What one thief attempts and one layer refuses. */
export interface Refusals {
  readonly thief: Party;
  readonly by: Refuser;
  /** Whose the very same request may be, unless the row says otherwise; an administrator's unless given. */
  readonly twin?: Party;
  readonly rows: readonly Row[];
}

/** What is attempted, and how. */
export type Row = readonly [what: string, wanted: Wanted, details?: RowDetails];

export interface RowDetails {
  /** Words of the refusal. */
  readonly says?: string;
  /** The legitimate twin where it is not that of all rows: who may send the very same, or another request. */
  readonly twin?: Party | Twin;
}

type Wanted = (cast: Cast) => Attempt | Promise<Attempt>;

/** Another request than the refused one: what the thief itself, or somebody, may do of the kind. */
export interface Twin {
  readonly party: Party;
  readonly what: string;
  readonly wanted: Wanted;
}

/** What Kubernetes or we let a thief do, knowingly. */
export interface Accepted {
  readonly thief: Party;
  readonly what: string;
  readonly wanted: Wanted;
  /** Why that is borne, for the document. */
  readonly because: string;
}

/** A test for each row: this layer refuses that request, and the twin is accepted. */
export function testRefusals(cast: () => Cast, { thief, by, twin: common = "admin", rows }: Refusals): void {
  for (const [what, wanted, { says, twin = common } = {}] of rows) {
    test(`${PARTIES[thief]} may not ${what}: ${by}`, async () => {
      await assertRefused(cast()[thief], await wanted(cast()), { by, ...(says !== undefined && { says }) });
      const other = typeof twin === "string" ? { party: twin, wanted } : twin;
      await assertTwin(cast(), other);
    });
  }
}

/** A test for each: the request goes through. */
export function testAccepted(cast: () => Cast, { thief, what, wanted }: Accepted): void {
  test(`${PARTIES[thief]} may ${what}, which is accepted`, async () => {
    await assertAllowed(cast()[thief], rehearsed(await wanted(cast())));
  });
}

/** Somebody else may have written the object since it was read: then it is read once more. */
async function assertTwin(cast: Cast, { party, wanted }: Pick<Twin, "party" | "wanted">): Promise<void> {
  const first = rehearsed(await wanted(cast));
  const answer = await attempt(cast[party], first);
  if (answer.status < 300) return;
  if (answer.status !== 409)
    throw new RequestRefused(`The twin, ${PARTIES[party]}: ${first.verb} ${first.path}`, answer);
  await assertAllowed(cast[party], rehearsed(await wanted(cast)));
}

/** The rows of docs/internals/least-privilege.md for these. */
export function refusalLines(all: readonly Refusals[]): readonly string[] {
  const lines = all.flatMap(({ thief, by, twin: common = "admin", rows }) =>
    rows.map(([what, , { says, twin = common } = {}]) => {
      const may = typeof twin === "string" ? PARTIES[twin] : `${PARTIES[twin.party]}: ${twin.what}`;
      return line(PARTIES[thief], what, by, says === undefined ? "" : `\`${says}\``, may);
    }),
  );
  return [
    line("thief", "attempt", "refused by", "in words", "who may"),
    line("---", "---", "---", "---", "---"),
    ...lines,
  ];
}

/** The same for what is accepted. */
export function acceptedLines(all: readonly Accepted[]): readonly string[] {
  const lines = all.map(({ thief, what, because }) => line(PARTIES[thief], what, because));
  return [line("thief", "may", "why that is borne"), line("---", "---", "---"), ...lines];
}

function line(...cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

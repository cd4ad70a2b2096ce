import type { Figure } from "./figure.ts";

/** What was seen of one program, run by run. */
export interface SeenOf<Seen> {
  readonly which: "ours" | "other";
  readonly runs: readonly Seen[];
}

/** The samples of a figure: one for each run of ours, and of the other program where there is one. */
export function samplesOf<Seen>(
  seen: readonly SeenOf<Seen>[],
  pick: (one: Seen) => number,
): Pick<Figure, "ours" | "other"> {
  const of = (wanted: "ours" | "other") => seen.find(({ which }) => which === wanted)?.runs.map(pick);
  const other = of("other");
  return { ours: of("ours") ?? [], ...(other && { other }) };
}

/** One thing that was measured. */
export interface Figure {
  /** A path from the general to the particular: `drain/coordinated/110 pods/time`. */
  readonly name: string;
  /** `s`, `requests`, `MB`; empty for a plain number. */
  readonly unit: string;
  /** One number for each run, or each call. */
  readonly ours: readonly number[];
  /** The same of the other binary, where there is one that can do it. */
  readonly other?: readonly number[];
  /** The most that the median may be; for `of: "p99"` the most that p99 may be. */
  readonly goal?: { readonly atMost: number; readonly of?: "median" | "p99" };
  /** What a reader must know to judge it: an extrapolation, a simulation. */
  readonly note?: string;
}

/** What one bench found. */
export interface BenchResult {
  /** What was given, how warm it was and how often it ran, in full sentences. */
  readonly input: readonly string[];
  readonly figures: readonly Figure[];
}

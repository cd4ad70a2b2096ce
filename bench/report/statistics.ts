/** The middle of the samples, or the mean of the two in the middle; NaN of none. */
export function median(samples: readonly number[]): number {
  return (
    (quantile(samples, { share: 0.5, round: Math.floor }) + quantile(samples, { share: 0.5, round: Math.ceil })) / 2
  );
}

/** What 99 of 100 samples do not exceed: of fewer than a hundred the greatest; NaN of none. */
export function p99(samples: readonly number[]): number {
  return quantile(samples, { share: 0.99, round: Math.ceil });
}

function quantile(
  samples: readonly number[],
  { share, round }: { readonly share: number; readonly round: (place: number) => number },
): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[round(share * (sorted.length - 1))] ?? NaN;
}

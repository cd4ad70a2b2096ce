/** What is to be stopped or removed when a case ends. */
export type Stops = (() => Promise<void>)[];

/**
 * Runs a case, and then what it has pushed, the last first, each whatever became of the others. Rejects with what
 * failed first, which is why: where the API server is away, for one, cleaning up fails too.
 */
export async function stoppingAfterwards(work: (stops: Stops) => Promise<void>): Promise<void> {
  const stops: Stops = [];
  const failures: unknown[] = [];
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    await act().catch((error: unknown) => failures.push(error));
  };
  await attempt(() => work(stops));
  for (const stop of stops.toReversed()) await attempt(stop);
  if (failures.length > 0) throw failures[0];
}

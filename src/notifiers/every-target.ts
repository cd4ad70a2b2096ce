import { NotifyError, type Sending } from "./notifier.ts";

/**
 * Sends to one target after the other; one that refuses does not keep the message from those behind it, and one that
 * has it already does not get it again. Rejects with a `NotifyError` if any refused: final only if all that refused
 * did so for good.
 */
export async function toEveryTarget(
  targets: readonly string[],
  send: (target: string) => Promise<void>,
  { delivered = new Set() }: Pick<Sending, "delivered">,
): Promise<void> {
  const refusals: NotifyError[] = [];
  for (const target of targets) {
    if (delivered.has(target)) continue;
    try {
      await send(target);
      delivered.add(target);
    } catch (error) {
      if (!(error instanceof NotifyError)) throw error;
      refusals.push(error);
    }
  }
  const [first] = refusals;
  if (first === undefined) return;
  if (targets.length === 1) throw first;
  const retryAfterMs = refusals.reduce((most, one) => Math.max(most, one.retryAfterMs ?? 0), 0);
  throw new NotifyError(`${refusals.length} of ${targets.length} targets refused, the first: ${first.message}`, {
    final: refusals.every(({ final }) => final),
    ...(retryAfterMs > 0 && { retryAfterMs }),
  });
}

import { tellingInKuredWords } from "../coordinator/kured-words.ts";
import type { Publisher } from "../coordinator/publisher.ts";
import { createTeller, type Teller } from "../coordinator/teller.ts";
import { tellingDrainProgress } from "../coordinator/telling/drain-progress.ts";
import { tellingForeignTaints } from "../coordinator/telling/foreign-taints.ts";
import type { Policy } from "../core/policy/policy.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";

/** Everything that is told of a fleet: verdicts, the pods of drains, what kured and kubectl say, and others' taints. */
export function tellerFor(
  policy: Policy,
  { log, metrics, publisher }: { readonly log: Log; readonly metrics: Metrics; readonly publisher: Publisher },
): Teller {
  const verdicts = createTeller({ log, metrics, publisher });
  const drains = tellingDrainProgress(verdicts, { metrics });
  const kuredWords = tellingInKuredWords(drains, { log, policy });
  return tellingForeignTaints(kuredWords, { log, name: policy.marks.taint });
}

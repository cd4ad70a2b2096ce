import { gateMishaps } from "./gates.ts";
import { lockBreakerMishaps } from "./lock-breakers.ts";
import { lockWriterMishaps } from "./lock-writers.ts";
import { machineMishaps } from "./machines.ts";
import type { Mishap } from "./mishap.ts";
import { networkMishaps } from "./network.ts";
import { peopleMishaps } from "./people.ts";
import { processMishaps } from "./processes.ts";
import { rollOutMishaps } from "./roll-out.ts";
import { workloadMishaps } from "./workloads.ts";

/** Everything that can happen. A new mishap is one more entry in one of these lists. */
export const everyMishap: readonly Mishap[] = [
  ...processMishaps,
  ...networkMishaps,
  ...machineMishaps,
  ...peopleMishaps,
  ...workloadMishaps,
  ...gateMishaps,
  ...rollOutMishaps,
  ...lockWriterMishaps,
  ...lockBreakerMishaps,
];

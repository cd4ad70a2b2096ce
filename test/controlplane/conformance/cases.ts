import { evicting } from "./cases/evicting.ts";
import { others } from "./cases/others.ts";
import { patching } from "./cases/patching.ts";
import { reading } from "./cases/reading.ts";
import { writing } from "./cases/writing.ts";
import { compaction, watching } from "./cases/watching.ts";
import { workloads } from "./cases/workloads.ts";
import type { Case } from "./step.ts";

/** Every case, in the order in which they are played. */
export const cases: readonly Case[] = [
  ...reading,
  ...writing,
  ...patching,
  ...evicting,
  ...others,
  ...workloads,
  ...watching,
];

/** Played when all others are done, because they disturb them. */
export const lastCases: readonly Case[] = [compaction];

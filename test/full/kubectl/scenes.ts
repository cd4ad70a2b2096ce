import type { Scene } from "./scene.ts";
import { budgetScenes } from "./scenes/budgets.cases.ts";
import { duringScenes } from "./scenes/during.cases.ts";
import { endScenes } from "./scenes/ends.cases.ts";
import { lookScenes } from "./scenes/looks.cases.ts";
import { podScenes } from "./scenes/pods.cases.ts";
import { serverScenes } from "./scenes/server.cases.ts";
import { wishScenes } from "./scenes/wishes.cases.ts";

/** All that is played, in the order of docs/drain-and-kubectl.md. */
export const scenes: readonly Scene[] = [
  ...podScenes,
  ...wishScenes,
  ...duringScenes,
  ...lookScenes,
  ...budgetScenes,
  ...serverScenes,
  ...endScenes,
];

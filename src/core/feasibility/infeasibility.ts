import type { PodInTheWay } from "../verdict/reason.ts";

/** A pod that a drain would have trouble with; `surely` where no patience helps. */
export interface Infeasibility extends PodInTheWay {
  readonly surely: boolean;
}

import type { NodeInHand, Scene, Step } from "../scene.ts";
import { approved } from "./approved.ts";
import { claimed } from "./claimed.ts";
import { closing } from "./closing.ts";
import { draining } from "./draining.ts";
import { intended } from "./intended.ts";
import { rebooting } from "./rebooting.ts";
import { returning } from "./returning.ts";

/** What follows for a node in hand, by the phase that is written in its record. */
export function phaseStep(inHand: NodeInHand, scene: Scene): Step {
  switch (inHand.record.phase) {
    case "intended":
      return intended(inHand, scene);
    case "claimed":
      return claimed(inHand, scene);
    case "draining":
      return draining(inHand, scene);
    case "approved":
      return approved(inHand, scene);
    case "rebooting":
      return rebooting(inHand, scene);
    case "returning":
      return returning(inHand, scene);
    case "closing":
      return closing(inHand, scene);
  }
}

import { telling } from "../notices/telling.ts";
import { also, type NodeInHand, type Scene, type Step } from "../scene.ts";
import { approved } from "./approved.ts";
import { claimed } from "./claimed.ts";
import { closing } from "./closing.ts";
import { draining } from "./draining.ts";
import { intended } from "./intended.ts";
import { rebooting } from "./rebooting.ts";
import { renewal } from "./renew.ts";
import { returning } from "./returning.ts";

/**
 * What follows for a node in hand, by the phase that is written in its record. Our entry of the ledger is renewed in
 * all phases for as long as somebody decides.
 */
export function phaseStep(inHand: NodeInHand, scene: Scene): Step {
  const step = telling(inHand, { step: stepOf(inHand, scene), scene });
  return inHand.record.phase === "closing" ? step : also(step, renewal(inHand, scene));
}

function stepOf(inHand: NodeInHand, scene: Scene): Step {
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

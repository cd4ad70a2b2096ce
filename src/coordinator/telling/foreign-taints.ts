import { foreignTaint } from "../../core/fleet/marks.ts";
import type { NodeFacts } from "../../core/fleet/node.ts";
import type { Log } from "../../ports/log.ts";
import type { Teller } from "../teller.ts";
import { namesGone } from "./gone.ts";

/**
 * A teller that warns of each taint that has the name of `--prefer-no-schedule-taint` and is somebody else's, once:
 * it is left alone, and the node goes without ours.
 */
export function tellingForeignTaints(
  teller: Teller,
  { log, name }: { readonly log: Log; readonly name: string },
): Teller {
  const told = new Map<string, string>();
  if (name === "") return teller;
  return {
    tell: (verdicts, options) => {
      const { nodes } = options.view;
      for (const node of nodes) tellOne(node);
      if (told.size > 0) for (const node of namesGone(told.keys(), nodes)) told.delete(node);
      return teller.tell(verdicts, options);
    },
  };

  function tellOne(node: NodeFacts): void {
    const taint = foreignTaint(node, name);
    if (taint === undefined) {
      told.delete(node.name);
      return;
    }
    const text = JSON.stringify(taint);
    if (told.get(node.name) === text) return;
    told.set(node.name, text);
    log.write("warning", `${node.name}: somebody else's taint has the name of ours and is left alone: ${text}`, {
      node: node.name,
    });
  }
}

import type { Change } from "../../apiserver/store/store.ts";
import type { KubeObject } from "../../apiserver/objects/object.ts";
import type { Observer } from "../observer.ts";
import { recordOn } from "../reading.ts";
import type { World } from "../world.ts";
import type { Meddling } from "../authors/meddling.ts";
import { writerOf, type WriterKind } from "../authors/writer.ts";

/** What a rule looks at; the answer is called at every event. */
export type Rule = (scenery: Scenery) => Observer;

/** The world, and what people have done to what kured goes by. */
export interface Scenery {
  readonly world: World;
  readonly meddling: Meddling;
}

/** A write of a Node, as the rules see it. */
export interface NodeWrite {
  readonly name: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
  readonly writer: WriterKind;
  /** The process, by its container's name. */
  readonly by: string;
}

/** The write as one of a Node; `undefined` for all others. */
export function nodeWrite({ stored, before, after }: Change, user: string): NodeWrite | undefined {
  const name = (after ?? before)?.metadata.name;
  if (stored !== "nodes" || name === undefined) return undefined;
  return { name, before, after, writer: writerOf(user), by: user };
}

/** Whether a coordinator has seen the whole fleet from the beginning: classic sees no other node than its own. */
export function seesFleet({ options, wentOver }: World): boolean {
  return options.mode === "coordinated" && !wentOver;
}

/** Whether the daemons were given this flag. */
export function isGiven(flag: string, { options }: World): boolean {
  return options.flags.some((one) => one === flag || one.startsWith(`${flag}=`));
}

/** The phase of our record on a Node. */
export function phaseOn(node: KubeObject | undefined): string | undefined {
  return recordOn(node)?.phase;
}

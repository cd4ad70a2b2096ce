import { isDeepStrictEqual, inspect } from "node:util";
import type { Json } from "../../../sim/apiserver/objects/json.ts";
import { normalised } from "./normalise.ts";
import { play } from "./play.ts";
import type { PlayOptions } from "./play.ts";
import type { Step } from "./step.ts";
import type { Subject } from "./subject.ts";
import type { Leeway } from "./leeway.ts";

export interface CompareOptions extends PlayOptions {
  readonly real: Subject;
  readonly simulated: Subject;
  readonly leeway: Leeway;
}

/** Plays the steps on both; the answer says where they differ, and is empty when they do not. */
export async function differences(
  steps: readonly Step[],
  { real, simulated, leeway, ...options }: CompareOptions,
): Promise<readonly string[]> {
  const [said, imitated] = await Promise.all([play(real, steps, options), play(simulated, steps, options)]);
  const [wanted, got] = leeway.reconcile(normalised(said), normalised(imitated));
  return steps.flatMap((step, index) => {
    const [one, other] = [wanted[index], got[index]];
    if (isDeepStrictEqual(one, other)) return [];
    return [`step ${index + 1}: ${shown(step)}\n${unlike(one ?? null, { other: other ?? null, path: "" }).join("\n")}`];
  });
}

/** A step on one line. */
export function shown(step: Step): string {
  switch (step.kind) {
    case "ask":
      return `${step.by === undefined ? "" : `as ${step.by}: `}${step.method} ${step.path} ${step.body === undefined ? "" : short(step.body)}`.trim();
    case "open":
      return `open ${step.watch}: ${step.path}`;
    case "read":
      return `read ${step.events} of ${step.watch}`;
    case "compact":
      return "compact";
  }
}

/** The smallest parts that differ. */
function unlike(
  real: Json | undefined,
  { other, path }: { readonly other: Json | undefined; readonly path: string },
): readonly string[] {
  if (isDeepStrictEqual(real, other)) return [];
  const both = typeof real === "object" && typeof other === "object" && real !== null && other !== null;
  if (!both || Array.isArray(real) !== Array.isArray(other)) {
    return [`  ${path}: real ${short(real)}, simulated ${short(other)}`];
  }
  const names = new Set([...Object.keys(real), ...Object.keys(other)]);
  return [...names].flatMap((name) =>
    unlike(field(real, name), { other: field(other, name), path: `${path}.${name}` }),
  );
}

function field(value: object, name: string): Json | undefined {
  return Object.hasOwn(value, name) ? (Reflect.get(value, name) as Json) : undefined;
}

function short(value: Json | undefined): string {
  const text = inspect(value, { depth: 8, breakLength: Infinity, maxStringLength: 400 });
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}

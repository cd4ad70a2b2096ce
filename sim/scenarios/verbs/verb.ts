import type { Machine } from "../../world/hosts/machine.ts";
import type { World } from "../../world/world.ts";
import { durationMs } from "../instants.ts";

/** Something that can happen in a scenario. */
export interface Verb {
  /** The sentence, with a gap for each of its words: `{node} is cut off for {duration}`. */
  readonly form: string;
  /** Lets it happen now; throws when it cannot. */
  readonly happen: (world: World, words: Words) => void;
}

/** A sentence that fits a verb. */
export interface Sentence {
  readonly verb: Verb;
  readonly words: Words;
}

/** What may stand in a gap; the gap is named after it. */
const gaps: Readonly<Record<string, string>> = {
  node: String.raw`n\d+`,
  duration: String.raw`\d+(?:ms|s|m|h)`,
  shift: String.raw`[+-]\d+(?:ms|s|m|h)`,
  number: String.raw`\d+`,
  name: "[a-z][a-z0-9-]*",
  text: ".+",
};

/** The words of one sentence, by the names of their gaps. */
export class Words {
  readonly #texts: Readonly<Record<string, string>>;

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = texts;
  }

  /** The words that stand for machines, for those who check that there are such. */
  get nodes(): readonly string[] {
    return Object.entries(this.#texts).flatMap(([gap, text]) => (gap === "node" ? [text] : []));
  }

  text(gap: string): string {
    const text = this.#texts[gap];
    if (text === undefined) throw new Error(`The sentence has no {${gap}}`);
    return text;
  }

  ms(gap = "duration"): number {
    return durationMs(this.text(gap));
  }

  machine({ machines }: Pick<World, "machines">): Machine {
    const machine = machines.get(this.text("node"));
    if (machine === undefined) throw new Error(`There is no machine ${this.text("node")} any more`);
    return machine;
  }
}

/** The first of these verbs that the sentence fits, with its words; `undefined` if it fits none. */
export function sentenceOf(text: string, verbs: readonly Verb[]): Sentence | undefined {
  for (const verb of verbs) {
    const match = patternOf(verb).exec(text);
    if (match !== null) return { verb, words: new Words({ ...match.groups }) };
  }
  return undefined;
}

function patternOf({ form }: Verb): RegExp {
  const parts = form.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^$()|[\]\\]/g, String.raw`\$&`);
    const gap = gaps[part];
    if (gap === undefined) throw new Error(`"${form}": nothing is known of {${part}}`);
    return `(?<${part}>${gap})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

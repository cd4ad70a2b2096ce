import { isList, isObject } from "../../../sim/apiserver/objects/json.ts";
import type { Json } from "../../../sim/apiserver/objects/json.ts";

/** What earlier answers have said, by label. */
export type Known = ReadonlyMap<string, Json>;

/** What stands for a part of an answer that was not had: nobody's uid, the oldest version. */
const unknown: ReadonlyMap<string, string> = new Map([
  ["uid", "00000000-0000-4000-8000-000000000000"],
  ["resourceVersion", "1"],
]);

/** The text with every `$(label.path)` replaced; what is neither known nor in `unknown` is an empty text. */
export function filledText(text: string, known: Known): string {
  return text.replaceAll(/\$\((\w+)((?:\.\w+)*)\)/g, (_all, label: string, path: string) => {
    const steps = path.split(".").slice(1);
    const found = steps.reduce<Json | undefined>(
      (here, step) => (isObject(here) ? here[step] : isList(here) ? here[Number(step)] : undefined),
      known.get(label),
    );
    if (found === undefined) return unknown.get(steps.at(-1) ?? "") ?? "";
    return typeof found === "string" ? found : JSON.stringify(found);
  });
}

/** The same in every text of a body, the names of fields included. */
export function filled(body: Json, known: Known): Json {
  if (typeof body === "string") return filledText(body, known);
  if (isList(body)) return body.map((item) => filled(item, known));
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [filledText(name, known), filled(value ?? null, known)]),
  );
}

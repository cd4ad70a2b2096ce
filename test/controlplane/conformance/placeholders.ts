import { isList, isObject } from "../../../sim/apiserver/objects/json.ts";
import type { Json } from "../../../sim/apiserver/objects/json.ts";

/** What earlier answers have said, by label. */
export type Known = ReadonlyMap<string, Json>;

/** The text with every `$(label.path)` replaced; what is not known is an empty text. */
export function filledText(text: string, known: Known): string {
  return text.replaceAll(/\$\((\w+)((?:\.\w+)*)\)/g, (_all, label: string, path: string) => {
    const steps = path.split(".").slice(1);
    const found = steps.reduce<Json | undefined>(
      (here, step) => (isObject(here) ? here[step] : isList(here) ? here[Number(step)] : undefined),
      known.get(label),
    );
    return typeof found === "string" ? found : found === undefined ? "" : JSON.stringify(found);
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

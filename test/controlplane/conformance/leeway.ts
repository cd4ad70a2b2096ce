import { at, isList, isObject, listAt, sameJson, textAt, without } from "../../../sim/apiserver/objects/json.ts";
import type { Json, JsonObject } from "../../../sim/apiserver/objects/json.ts";
import { anything, omissions, wordings } from "./omissions.ts";
import type { Omission, Wording } from "./omissions.ts";

/** Takes out of answers what the simulator deliberately leaves out, and counts, so that no row outlives its reason. */
export interface Leeway {
  /** Both transcripts without what `omissions.ts` names. */
  reconcile(real: readonly Json[], simulated: readonly Json[]): readonly [readonly Json[], readonly Json[]];
  /** The rows that have made no difference so far. */
  idle(): readonly (Omission | Wording)[];
}

export function leeway(): Leeway {
  const used = new Set<Omission | Wording>();
  return {
    reconcile: (real, simulated) => {
      const [said, imitated] = [new Counts(), new Counts()];
      const pairs = real.map((one, step) =>
        reworded(taken(one, said), { other: taken(simulated[step] ?? null, imitated), used }),
      );
      for (const row of omissions) if (said.of(row) > imitated.of(row)) used.add(row);
      return [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
    },
    idle: () => [...omissions, ...wordings].filter((row) => !used.has(row)),
  };
}

/** How often each row was found. */
class Counts {
  readonly #counts = new Map<Omission, number>();
  of(row: Omission): number {
    return this.#counts.get(row) ?? 0;
  }
  add(row: Omission): void {
    this.#counts.set(row, this.of(row) + 1);
  }
}

/** Two answers, alike wherever both have a message and the real one's is of a kind that is not imitated. */
function reworded(
  real: Json,
  { other, used }: { readonly other: Json; readonly used: Set<Omission | Wording> },
): readonly [Json, Json] {
  if (isList(real) && isList(other)) {
    const pairs = real.map((one, index) => reworded(one, { other: other[index] ?? null, used }));
    return [pairs.map(([one]) => one), [...pairs.map(([, one]) => one), ...other.slice(real.length)]];
  }
  if (!isObject(real) || !isObject(other)) return [real, other];
  const one: { [field: string]: Json | undefined } = { ...real };
  const two: { [field: string]: Json | undefined } = { ...other };
  for (const name of Object.keys(real)) {
    const [said, imitated] = [real[name], other[name]];
    if (said === undefined || imitated === undefined) continue;
    const row =
      name === "message" ? wordings.find(({ says }) => typeof said === "string" && says.test(said)) : undefined;
    if (row !== undefined && said !== imitated) used.add(row);
    [one[name], two[name]] =
      row !== undefined && typeof imitated === "string" ? ["", ""] : reworded(said, { other: imitated, used });
  }
  return [one, two];
}

function taken(value: Json, counts: Counts): Json {
  if (isList(value)) return value.map((item) => taken(item, counts));
  if (!isObject(value)) return value;
  const inner: JsonObject = Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, taken(field ?? null, counts)]),
  );
  const kind = textAt(value, "kind") ?? "";
  if (!isList(at(value, "items"))) return isObject(at(value, "metadata")) ? stripped(inner, { kind, counts }) : inner;
  // Items of a list do not repeat their kind.
  const items = listAt(inner, "items");
  const ofKind = kind.replace(/List$/, "");
  return { ...inner, items: items.map((item) => (isObject(item) ? stripped(item, { kind: ofKind, counts }) : item)) };
}

function stripped(
  object: JsonObject,
  { kind, counts }: { readonly kind: string; readonly counts: Counts },
): JsonObject {
  return omissions
    .filter((row) => row.kind === kind || row.kind === "any")
    .reduce((current, row) => {
      const cut = cutOut(current, { path: row.field.split("."), value: row.value });
      if (cut !== current) counts.add(row);
      return cut;
    }, object);
}

interface Cut {
  readonly path: readonly string[];
  readonly value: Json;
}

/** The object without the field, if it has that value; a `*` in the path stands for every item of a list. */
function cutOut(object: JsonObject, { path, value }: Cut): JsonObject {
  const [name = "", next, ...rest] = path;
  const field = at(object, name);
  if (next === undefined) {
    const cut = field !== undefined && (value === anything || sameJson(field, value));
    return cut ? without(object, name) : object;
  }
  const changed = inside(field, { path: [next, ...rest], value });
  return changed === field ? object : { ...object, [name]: changed };
}

function inside(field: Json | undefined, { path, value }: Cut): Json | undefined {
  if (isObject(field)) return cutOut(field, { path, value });
  if (!isList(field) || path[0] !== "*") return field;
  const items = field.map((item) => (isObject(item) ? cutOut(item, { path: path.slice(1), value }) : item));
  return items.every((item, index) => item === field[index]) ? field : items;
}

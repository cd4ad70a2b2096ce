import type { JsonObject } from "../json.ts";

/**
 * A Kubernetes quantity as a number in its resource's own unit: `"100m"` is 0.1, `"64Gi"` is 68719476736. `undefined`
 * for what is none. Beyond 2^53 it is rounded, which is enough to compare what a pod wants with what a node has.
 */
export function quantity(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(value);
  if (found === null) return undefined;
  const [, digits = "", exponent, suffix = ""] = found;
  const factor = exponent === undefined ? (factors[suffix] ?? 1) : 10 ** Number(exponent);
  const amount = Number(digits) * factor;
  return Number.isFinite(amount) ? amount : undefined;
}

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Every quantity of a map such as `status.allocatable`; what cannot be read is left out. */
export function quantities(object: JsonObject): Readonly<Record<string, number>> {
  const amounts: Record<string, number> = {};
  for (const [resource, value] of Object.entries(object)) {
    const amount = quantity(value);
    if (amount !== undefined) amounts[resource] = amount;
  }
  return amounts;
}

import fc from "fast-check";
import type { JsonObject } from "../../../../sim/apiserver/objects/json.ts";

/** Metadata that ties a write to what was seen last, to what was seen earlier, or to nothing. */
export function version(label: string): fc.Arbitrary<JsonObject> {
  return fc.constantFrom(
    {},
    { resourceVersion: `$(${label}.metadata.resourceVersion)` },
    { resourceVersion: `$(old_${label}.metadata.resourceVersion)` },
    { uid: `$(old_${label}.metadata.uid)` },
  );
}

/** Options of a deletion, tied in the same ways. */
export function preconditions(label: string): fc.Arbitrary<JsonObject> {
  const seen = (known: string): JsonObject => ({
    uid: `$(${known}.metadata.uid)`,
    resourceVersion: `$(${known}.metadata.resourceVersion)`,
  });
  return fc
    .tuple(
      fc.constantFrom<JsonObject>(
        {},
        { preconditions: { uid: `$(${label}.metadata.uid)` } },
        { preconditions: { uid: `$(old_${label}.metadata.uid)` } },
        { preconditions: seen(label) },
        { preconditions: seen(`old_${label}`) },
      ),
      fc.constantFrom<JsonObject>({}, {}, { dryRun: ["All"] }),
      fc.constantFrom<JsonObject>({}, { gracePeriodSeconds: 0 }, { gracePeriodSeconds: 5 }),
    )
    .map(([one, two, three]) => ({ ...one, ...two, ...three }));
}

/**
 * Options of an eviction. None names the uid of another pod: with one that does not run yet the real server tries that
 * again and again, for ten seconds, before it refuses.
 */
export function evictionOptions(label: string): fc.Arbitrary<JsonObject> {
  const [uid, resourceVersion] = [`$(${label}.metadata.uid)`, `$(${label}.metadata.resourceVersion)`];
  const stale = `$(old_${label}.metadata.resourceVersion)`;
  return fc
    .tuple(
      fc.constantFrom<JsonObject>(
        {},
        { preconditions: { uid } },
        { preconditions: { uid, resourceVersion } },
        { preconditions: { resourceVersion: stale } },
      ),
      fc.constantFrom<JsonObject>({}, {}, { dryRun: ["All"] }),
      fc.constantFrom<JsonObject>({}, { gracePeriodSeconds: 0 }, { gracePeriodSeconds: 5 }),
    )
    .map(([one, two, three]) => ({ ...one, ...two, ...three }));
}

/** Strategic patches that add a finalizer, or take one away. */
export const finalizers: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.constantFrom("finalizers", "$deleteFromPrimitiveList/finalizers"),
    fc.constantFrom("kured.dev/a", "kured.dev/b"),
  )
  .map(([field, text]) => ({ metadata: { [field]: [text] } }));

import { decodeObject, readObject, readOptionalInteger, readOptionalString } from "../object.ts";
import type { Decode } from "../object.ts";
import type { JsonObject } from "../wire/json.ts";

/** What a Lease of coordination.k8s.io/v1 says. */
export interface LeaseRecord {
  /** Empty: nobody, as after a release. */
  readonly holder: string;
  /** `leaseTransitions`; each acquisition raises it. */
  readonly term: number;
  /** What the holder promises to renew within; `undefined` where the Lease does not say. */
  readonly durationMs: number | undefined;
  /** Equal as long as nobody has touched the Lease's content. Its instants are another machine's and mean no more. */
  readonly fingerprint: string;
  readonly raw: JsonObject;
}

/** Decodes a Lease; absent fields are those of a Lease that nobody has held yet. */
export const decodeLease: Decode<LeaseRecord> = (json) => {
  const { raw } = decodeObject(json);
  const seconds = readOptionalInteger(raw, "spec.leaseDurationSeconds");
  return {
    holder: readOptionalString(raw, "spec.holderIdentity") ?? "",
    term: readOptionalInteger(raw, "spec.leaseTransitions") ?? 0,
    durationMs: seconds === undefined ? undefined : seconds * 1000,
    fingerprint: JSON.stringify(readObject(raw, "spec")),
    raw,
  };
};

/** Who holds a Lease for how long. */
export interface Tenure {
  /** Empty releases it. */
  readonly holder: string;
  readonly term: number;
  readonly durationMs: number;
  /** For people who look at the Lease; `undefined` leaves the instant that stands there. */
  readonly acquiredAtWallMs: number | undefined;
  readonly renewedAtWallMs: number;
}

/** A new Lease. */
export function newLease(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  tenure: Tenure,
): JsonObject {
  const metadata = { namespace, name };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: specOf({}, tenure) };
}

/** The Lease as it is, resourceVersion and unknown fields included, with another tenure. */
export function changedLease({ raw }: LeaseRecord, tenure: Tenure): JsonObject {
  return { ...raw, spec: specOf(readObject(raw, "spec"), tenure) };
}

function specOf(spec: JsonObject, tenure: Tenure): JsonObject {
  const { holder, term, durationMs, acquiredAtWallMs, renewedAtWallMs } = tenure;
  return {
    ...spec,
    holderIdentity: holder,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    leaseTransitions: term,
    renewTime: microTime(renewedAtWallMs),
    ...(acquiredAtWallMs === undefined ? {} : { acquireTime: microTime(acquiredAtWallMs) }),
  };
}

/** Kubernetes' MicroTime: RFC 3339 with exactly six digits. */
function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace("Z", "000Z");
}

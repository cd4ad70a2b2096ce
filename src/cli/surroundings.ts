import { decodeRequest, pauseAnnotation } from "../core/fleet/request.ts";
import type { Request } from "../core/fleet/request.ts";
import { parseInstant } from "../core/json.ts";
import { parseLedger } from "../core/lock/ledger.ts";
import type { Ledger } from "../core/lock/ledger.ts";
import { describeFailure } from "../kube/answers.ts";
import type { Answer } from "../kube/answers.ts";
import { decodeLease } from "../kube/election/lease.ts";
import { decodeObject, readOptionalString } from "../kube/object.ts";
import type { Decode } from "../kube/object.ts";
import type { OperatorParts } from "./operator.ts";

/** What all nodes share. Each part may be missing or refused without spoiling the rest. */
export interface Surroundings {
  readonly daemonSet: Sight<DaemonSetSight>;
  readonly lease: Sight<LeaseSight>;
}

/** What came of a look at one object. */
export type Sight<T> =
  | { readonly kind: "seen"; readonly value: T }
  /** The API server says that there is none. */
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: string };

/** What stands on our DaemonSet. */
export interface DaemonSetSight {
  readonly ledger: Ledger;
  /** Of the whole fleet; perhaps over. */
  readonly pause?: Request;
}

/** The coordinators' Lease. */
export interface LeaseSight {
  /** Empty: it was given back. */
  readonly holder: string;
  readonly term: number;
  readonly durationMs: number | undefined;
  /** By the holder's clock. */
  readonly renewedAtMs: number | undefined;
}

/** Reads the DaemonSet with the lock, and the Lease beside it. */
export async function readSurroundings({ client, settings, signal }: OperatorParts): Promise<Surroundings> {
  const { daemonSetNamespace: namespace, daemonSetName, annotation } = settings.lock;
  const [daemonSet, lease] = await Promise.all([
    client.get("daemonsets", { namespace, name: daemonSetName, decode: decodeDaemonSet(annotation), signal }),
    client.get("leases", { namespace, name: settings.lease.name, decode: decodeLeaseSight, signal }),
  ]);
  return { daemonSet: sightOf(daemonSet), lease: sightOf(lease) };
}

function decodeDaemonSet(lockAnnotation: string): Decode<DaemonSetSight> {
  return (json) => {
    const { annotations } = decodeObject(json);
    const pause = decodeRequest(annotations[pauseAnnotation]);
    return { ledger: parseLedger(annotations[lockAnnotation]), ...(pause && { pause }) };
  };
}

const decodeLeaseSight: Decode<LeaseSight> = (json) => {
  const { holder, term, durationMs, raw } = decodeLease(json);
  return { holder, term, durationMs, renewedAtMs: parseInstant(readOptionalString(raw, "spec.renewTime") ?? "") };
};

function sightOf<T>(answer: Answer<T>): Sight<T> {
  if (answer.kind === "ok") return { kind: "seen", value: answer.value };
  if (answer.kind === "gone") return { kind: "absent" };
  return { kind: "unknown", reason: describeFailure(answer) };
}

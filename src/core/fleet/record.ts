import {
  formatInstant,
  instantField,
  isJsonObject,
  objectField,
  parseJsonObject,
  textField,
  wholeField,
  type JsonObject,
} from "../json.ts";
import { decodeNotices, type Notices } from "../notices/notice.ts";

/** The Node annotation that holds the record; written by the coordinator (in classic by the daemon itself). */
export const recordAnnotation = "kured.dev/maintenance";

/**
 * How far a node's maintenance has come. Each phase is written before the act that it announces (rule 4), so that
 * whoever starts next carries on from it. `docs/phases.md` tells for each what may happen and what ends it.
 */
export type Phase =
  /** We want to maintain this node; nothing is taken yet. Ends with our entry in the ledger. */
  | "intended"
  /** The ledger has our entry; the node is untouched. Ends with our cordon. */
  | "claimed"
  /** The node is cordoned and its pods are being evicted. Ends with an approval, or is withdrawn. */
  | "draining"
  /** The agent may reboot, once, with this approval. Ends with the agent's commit, or is taken back. */
  | "approved"
  /** The agent has committed. Only a changed boot, or proof that no shutdown is pending, ends it. */
  | "rebooting"
  /** The machine has booted again. Ends when it is Ready and its agent has spoken. */
  | "returning"
  /** Our marks are off the node; the ledger entry is given back, and the outcome told. */
  | "closing";

/** All phases, in the order in which a maintenance goes through them. */
export const phases: readonly Phase[] = [
  "intended",
  "claimed",
  "draining",
  "approved",
  "rebooting",
  "returning",
  "closing",
];

/** Whose cordon is on the node: only ours is taken back (rule 5). */
export type CordonOwner =
  /** We have not cordoned it, or have given the cordon back. */
  | "none"
  /** We set it and take it back. */
  | "ours"
  /** It was there before us and stays. */
  | "theirs";

/** How a maintenance ended. */
export type Outcome =
  /** Rebooted, Ready, and the need is gone. */
  | "done"
  /** Rebooted and Ready, but the sentinel still asks: the record stays as a brake. */
  | "stillRequired"
  /** Given up before any reboot, for the reason that the verdict told. */
  | "withdrawn";

/** A label that we have set on the node, and what was there before; `null` was none. */
export interface LabelMark {
  readonly key: string;
  readonly set: string;
  readonly was: string | null;
}

/** What must survive a crash about one node's maintenance. Instants are the writer's wall time. */
export interface MaintenanceRecord {
  /** `namespace/name` of the DaemonSet that this installation belongs to. */
  readonly owner: string;
  /** Distinguishes this maintenance from any other of the same node. */
  readonly id: string;
  /** The leader's term; a leader leaves a record of a higher term alone. */
  readonly term: number;
  readonly phase: Phase;
  readonly phaseSinceMs: number;
  /** The boot that is to end, in the form of `formatBoot`. */
  readonly boot: string;
  /** `status.nodeInfo.bootID` at the beginning: the kubelet's witness of the same boot. */
  readonly kubeletBoot: string;
  /** The Node object's uid: a machine registered anew under the same name is another one. */
  readonly machine: string;
  /** `created` of our ledger entry, exactly as written there. */
  readonly lock: string;
  readonly cordon: CordonOwner;
  /** Labels that are to be put back; absent while the node has none of ours, and after it was given back. */
  readonly labels?: readonly LabelMark[];
  /** How often this maintenance has been approved. */
  readonly attempt: number;
  /** The nonce that the current or last approval echoes; see `approvalOf`. */
  readonly nonce?: string;
  /** Since when the drain waits because the agent is missing or cannot tell whether the reboot is still needed. */
  readonly doubtSinceMs?: number;
  /** When the node was cordoned; only kept where an end of the drain counts from it also after an approval. */
  readonly drainingSinceMs?: number;
  /** When the drain was first seen complete; only kept where a wait counts from it. */
  readonly drainedAtMs?: number;
  /**
   * Who replaces the pods that went, as `replicasets/namespace/name`; only kept where their replicas are waited for.
   */
  readonly owners?: readonly string[];
  /** Why the commanded reboot counts as failed, and the pod that reported it. */
  readonly failure?: { readonly reason: string; readonly pod: string };
  readonly outcome?: Outcome;
  /** After giving up: the wall time until which this node is not claimed again, and why it was given up. */
  readonly rest?: { readonly untilMs: number; readonly because: string };
  /** What people have been told of it, and are to be told; absent where nobody asked. */
  readonly notices?: Notices;
  /** What a newer version wrote besides: it stays as it is. */
  readonly others?: JsonObject;
}

/** The text that a commit names: this approval of this maintenance, and no other. */
export function approvalOf({ id, attempt, nonce }: MaintenanceRecord): string | undefined {
  return nonce === undefined ? undefined : `${id}/${attempt}/${nonce}`;
}

/** What stands in the record's annotation. */
export type RecordReading =
  | { readonly kind: "absent" }
  | { readonly kind: "record"; readonly record: MaintenanceRecord; readonly text: string }
  /** Somebody's hand, or a newer version: left alone and told. */
  | { readonly kind: "unreadable"; readonly text: string; readonly reason: string };

/** Inverse of `encodeRecord`; never throws, whatever a stranger wrote. */
export function decodeRecord(text: string | undefined): RecordReading {
  if (text === undefined) return { kind: "absent" };
  const parsed = parseJsonObject(text);
  if (parsed.kind === "not") return { kind: "unreadable", text, reason: parsed.reason };
  const json = parsed.object;
  const [owner, id, boot, machine, lock] = ["owner", "id", "boot", "machine", "lock"].map((name) =>
    textField(json, name),
  );
  const phase = phases.find((known) => known === json["phase"]);
  const phaseSinceMs = instantField(json, "since");
  const term = wholeField(json, "term");
  if (owner === undefined || id === undefined || boot === undefined || machine === undefined || lock === undefined)
    return { kind: "unreadable", text, reason: "one of owner, id, boot, machine and lock is missing" };
  if (phase === undefined) return { kind: "unreadable", text, reason: `phase is ${JSON.stringify(json["phase"])}` };
  if (phaseSinceMs === undefined || term === undefined)
    return { kind: "unreadable", text, reason: "since is not an instant or term is not a number" };
  const cordon = json["cordon"] === "ours" || json["cordon"] === "theirs" ? json["cordon"] : "none";
  const nonce = textField(json, "nonce");
  const doubtSinceMs = instantField(json, "doubt");
  const drainedAtMs = instantField(json, "drained");
  const drainingSinceMs = instantField(json, "draining");
  const failure = objectField(json, "failure");
  const rest = objectField(json, "rest");
  const restUntilMs = rest && instantField(rest, "until");
  const notices = decodeNotices(json["notices"]);
  const others = Object.fromEntries(Object.entries(json).filter(([name]) => !fields.has(name)));
  const outcome = (["done", "stillRequired", "withdrawn"] as const).find((known) => known === json["outcome"]);
  const record: MaintenanceRecord = {
    owner,
    id,
    term,
    phase,
    phaseSinceMs,
    boot,
    kubeletBoot: textField(json, "kubeletBoot") ?? "",
    machine,
    lock,
    cordon,
    attempt: wholeField(json, "attempt") ?? 0,
    ...labelMarks(json["labels"]),
    ...(nonce !== undefined && { nonce }),
    ...(doubtSinceMs !== undefined && { doubtSinceMs }),
    ...(drainedAtMs !== undefined && { drainedAtMs }),
    ...(drainingSinceMs !== undefined && { drainingSinceMs }),
    ...ownersIn(json["owners"]),
    ...(failure && { failure: { reason: textField(failure, "reason") ?? "", pod: textField(failure, "pod") ?? "" } }),
    ...(outcome !== undefined && { outcome }),
    ...(restUntilMs !== undefined && {
      rest: { untilMs: restUntilMs, because: (rest && textField(rest, "because")) ?? "" },
    }),
    ...(Object.keys(notices).length > 0 && { notices }),
    ...(Object.keys(others).length > 0 && { others }),
  };
  return { kind: "record", record, text };
}

function ownersIn(value: unknown): Pick<MaintenanceRecord, "owners"> {
  return Array.isArray(value) ? { owners: value.filter((owner) => typeof owner === "string") } : {};
}

function labelMarks(value: unknown): Pick<MaintenanceRecord, "labels"> {
  if (!Array.isArray(value)) return {};
  return {
    labels: value.filter(isJsonObject).flatMap((mark): LabelMark[] => {
      const [key, set] = [textField(mark, "key"), textField(mark, "set")];
      return key === undefined || set === undefined ? [] : [{ key, set, was: textField(mark, "was") ?? null }];
    }),
  };
}

/** The annotation's text; keys in a fixed order, so that equal records are equal texts. */
export function encodeRecord(record: MaintenanceRecord): string {
  const { doubtSinceMs, drainingSinceMs, drainedAtMs, rest } = record;
  return JSON.stringify({
    owner: record.owner,
    id: record.id,
    term: record.term,
    phase: record.phase,
    since: formatInstant(record.phaseSinceMs),
    boot: record.boot,
    kubeletBoot: record.kubeletBoot,
    machine: record.machine,
    lock: record.lock,
    cordon: record.cordon,
    labels: record.labels?.map(({ key, set, was }) => ({ key, set, was })),
    attempt: record.attempt,
    nonce: record.nonce,
    doubt: doubtSinceMs === undefined ? undefined : formatInstant(doubtSinceMs),
    draining: drainingSinceMs === undefined ? undefined : formatInstant(drainingSinceMs),
    drained: drainedAtMs === undefined ? undefined : formatInstant(drainedAtMs),
    owners: record.owners,
    failure: record.failure,
    outcome: record.outcome,
    rest: rest && { until: formatInstant(rest.untilMs), because: rest.because },
    notices: record.notices,
    ...record.others,
  });
}

/** The names of what `encodeRecord` writes. */
const fields: ReadonlySet<string> = new Set([
  ...["owner", "id", "term", "phase", "since", "boot", "kubeletBoot", "machine", "lock", "cordon", "labels"],
  ...["attempt", "nonce", "doubt", "draining", "drained", "owners", "failure", "outcome", "rest", "notices"],
]);

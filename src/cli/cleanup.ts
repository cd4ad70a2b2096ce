import { leftoversOf, type Leftovers } from "../core/fleet/leftovers.ts";
import type { NodeFacts } from "../core/fleet/node.ts";
import { describeFailure, type Answer, type Failure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import { decodeLease, type LeaseRecord } from "../kube/election/lease.ts";
import { decodeNodeFacts } from "../kube/node.ts";
import { decodeObject, type Decode } from "../kube/object.ts";
import { isJsonObject, type Json } from "../kube/wire/json.ts";
import type { Clock } from "../ports/clock.ts";
import { failed, type CommandEnd, type OperatorParts } from "./operator.ts";
import { printable } from "./text/printable.ts";

/** What `kured cleanup` works with: the only command that changes something. */
export interface CleanupParts extends Omit<OperatorParts, "client" | "clock"> {
  readonly client: Pick<KubeClient, "get" | "list" | "patch" | "delete">;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

/**
 * `kured cleanup`: takes off the Nodes what an installation that is gone has left there, and removes its Lease. The
 * DaemonSet must be gone, since its daemons would write it all again; its last pods may still be ending.
 */
export async function cleanup(parts: CleanupParts): Promise<CommandEnd> {
  const obstacle = await stillThere(parts);
  if (obstacle !== undefined) return obstacle;
  const account: Account = { done: new Set(), lines: [], refused: new Map(), unreadable: new Set() };
  let untilMs = Infinity;
  // What a daemon wrote with its last breath is found by the next look; the second that finds nothing ends it.
  for (let quiet = 0; quiet < 2;) {
    const look = await cleanOnce(parts, account);
    if (look.kind === "failed") return look.failure;
    quiet = look.cleaned ? 0 : quiet + 1;
    const nowMs = parts.clock.now().monotonicMs;
    untilMs = Math.min(untilMs, nowMs + longestMs);
    if (quiet < 2 && nowMs >= untilMs) return { kind: "failed", sentence: complaint([neverDone], account) };
    if (quiet < 2) await parts.clock.sleep(betweenLooksMs, parts);
  }
  await removeLease(parts, account);
  if (account.refused.size > 0) return { kind: "failed", sentence: complaint([...account.refused.values()], account) };
  const { lines } = account;
  return { kind: "shown", text: lines.length === 0 ? "Nothing was left behind.\n" : `${lines.join("\n")}\n` };
}

const longestMs = 120_000;
const betweenLooksMs = 2_000;

/** What has come of it so far. */
interface Account {
  /** The nodes that were cleaned. */
  readonly done: Set<string>;
  /** A line for each thing done. */
  readonly lines: string[];
  /** What could not be changed, by a node's name or the Lease's title, and why: the rest is not to wait for it. */
  readonly refused: Map<string, string>;
  /** Nodes whose record nobody here understands: it may be another's, or a newer version's. */
  readonly unreadable: Set<string>;
}

const neverDone = "Somebody has been writing it all again for two minutes";

/** Sentences for the standard error, which is one line: what failed first, then what was done all the same. */
function complaint(failures: readonly string[], { lines }: Account): string {
  return [...failures, ...(lines.length === 0 ? [] : [`What was done: ${lines.join("; ")}`])].join(". ");
}

/** Why nothing may be cleaned yet, if so. */
async function stillThere({ client, settings, target, signal }: CleanupParts): Promise<CommandEnd | undefined> {
  const { daemonSetNamespace: namespace, daemonSetName: name } = settings.lock;
  const answer = await client.get("daemonsets", { namespace, name, decode: decodeObject, signal });
  if (answer.kind === "gone") return undefined;
  const title = `The DaemonSet ${namespace}/${name}`;
  if (answer.kind !== "ok") return failed(title, { failure: answer, target });
  if (answer.value.deletionTimestamp !== undefined) return undefined;
  const sentence = `${title} is still there, and its daemons would write everything again: uninstall kured first`;
  return { kind: "failed", sentence };
}

type Cleaned =
  | { readonly kind: "looked"; readonly cleaned: boolean }
  | { readonly kind: "failed"; readonly failure: CommandEnd };

/** One look at all nodes, each of which is cleaned. */
async function cleanOnce(parts: CleanupParts, account: Account): Promise<Cleaned> {
  const { client, target, settings, signal } = parts;
  const nodes = await client.list("nodes", { decode: decodeMarkedNode, signal });
  if (nodes.kind !== "ok") return { kind: "failed", failure: failed("The nodes", { failure: nodes, target }) };
  let cleaned = false;
  for (const marked of nodes.value.items) {
    const { name } = marked.node;
    const leftovers = leftoversOn(marked, { settings, account });
    if (leftovers === undefined) continue;
    const answer = await takeOff(marked.node, { leftovers, client, signal });
    account.refused.delete(name);
    if (answer.kind === "ok") {
      account.lines.push(`${printable(name)}: ${inWords(leftovers, settings.preferNoScheduleTaint)}`);
      account.done.add(name);
    } else if (answer.kind !== "conflict" && answer.kind !== "gone") {
      account.refused.set(name, notWritten(name, { failure: answer, target }));
      continue;
    }
    // The next look sees what has changed meanwhile.
    cleaned = true;
  }
  return { kind: "looked", cleaned };
}

/** A Node, and all its annotations. */
interface MarkedNode {
  readonly node: NodeFacts;
  readonly annotations: Readonly<Record<string, string>>;
}

const decodeMarkedNode: Decode<MarkedNode> = (json) => ({
  node: decodeNodeFacts(json),
  annotations: decodeObject(json).annotations,
});

function leftoversOn(
  { node, annotations }: MarkedNode,
  { settings, account }: { readonly settings: CleanupParts["settings"]; readonly account: Account },
): Leftovers | undefined {
  if (node.record.kind === "unreadable") {
    if (!account.unreadable.has(node.name))
      account.lines.push(`${printable(node.name)}: left as it is, because its record cannot be read`);
    account.unreadable.add(node.name);
    return undefined;
  }
  // What comes back where no record of ours is was written by the agent of another installation.
  if (node.record.kind === "absent" && account.done.has(node.name)) return undefined;
  const { daemonSetNamespace, daemonSetName } = settings.lock;
  const owner = `${daemonSetNamespace}/${daemonSetName}`;
  return leftoversOf(node, { annotations, owner, taint: settings.preferNoScheduleTaint });
}

async function takeOff(
  { name, resourceVersion }: NodeFacts,
  {
    leftovers: { annotations, labels, uncordon, taints },
    client,
    signal,
  }: { readonly leftovers: Leftovers; readonly client: CleanupParts["client"]; readonly signal: AbortSignal },
): Promise<Answer<unknown>> {
  const spec = {
    ...(uncordon && { unschedulable: null }),
    ...(taints && { taints: taints.length > 0 ? (taints as readonly Json[]) : null }),
  };
  const body = { metadata: { resourceVersion, annotations, labels }, spec };
  return await client.patch("nodes", { name, patch: { type: "merge", body }, decode: isJsonObject, signal });
}

function inWords({ annotations, labels, uncordon, taints }: Leftovers, taint: string): string {
  const removed = [
    ...Object.keys(annotations),
    ...Object.keys(labels).map((name) => `label ${name}`),
    ...(taints === undefined ? [] : [`taint ${taint}`]),
  ];
  return [...(uncordon ? ["uncordoned"] : []), `${removed.join(", ")} taken off`].join("; ");
}

function notWritten(name: string, { failure, target }: { failure: Failure; target: string }): string {
  return `Node ${name} could not be changed at ${target}: ${describeFailure(failure)}`;
}

/** The coordinators' Lease belongs to no chart: they make it themselves. One that somebody renews is another's. */
async function removeLease(parts: CleanupParts, account: Account): Promise<void> {
  const { client, settings, target, signal } = parts;
  const address = { namespace: settings.lock.daemonSetNamespace, name: settings.lease.name };
  const title = `Lease ${address.namespace}/${address.name}`;
  const end = await forsaken(address, parts);
  if (end.kind === "renewed") account.lines.push(`${title}: left as it is, because ${printable(end.holder)} renews it`);
  const answer = end.kind === "forsaken" ? await client.delete("leases", { ...address, signal }) : end;
  if (answer.kind === "ok") account.lines.push(`${title}: deleted`);
  else if (answer.kind !== "renewed" && answer.kind !== "gone")
    account.refused.set(title, `${title} could not be deleted at ${target}: ${describeFailure(answer)}`);
}

/** A holder that was killed gives nothing back: then it takes as long as the Lease is good for to know. */
async function forsaken(
  address: { readonly namespace: string; readonly name: string },
  { client, clock, signal }: CleanupParts,
): Promise<Failure | { readonly kind: "forsaken" } | { readonly kind: "renewed"; readonly holder: string }> {
  const look = (): Promise<Answer<LeaseRecord>> => client.get("leases", { ...address, decode: decodeLease, signal });
  const first = await look();
  if (first.kind !== "ok") return first;
  const { holder, durationMs, fingerprint } = first.value;
  if (holder === "") return { kind: "forsaken" };
  await clock.sleep(durationMs ?? 0, { signal });
  const second = await look();
  if (second.kind !== "ok") return second;
  return second.value.fingerprint === fingerprint ? { kind: "forsaken" } : { kind: "renewed", holder };
}

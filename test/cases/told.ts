import type { KubeObject } from "../controlplane/resources.ts";
import { waitFor } from "../controlplane/waits.ts";
import type { Site } from "./site.ts";

/** An Event on a Node. */
export interface NodeEvent extends KubeObject {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Every Event of a Node of the site that kured told, oldest first. */
export async function eventsOf({ cluster }: Site, node: string): Promise<readonly NodeEvent[]> {
  const fieldSelector = `involvedObject.kind=Node,involvedObject.name=${node}`;
  const events = await cluster.admin.list<NodeEvent>({ kind: "Event", fieldSelector });
  return events.filter(({ metadata }) => metadata.name.startsWith("kured."));
}

/** One sample of the metric `kured_node_state`. */
export interface NodeStateSample {
  readonly node: string;
  readonly code: string;
  readonly value: number;
}

/** What `/metrics` on this port says of the nodes, sorted by node. Rejects while nobody listens. */
export async function nodeStates(port: number): Promise<readonly NodeStateSample[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await answer.text();
  const samples = text.matchAll(/^kured_node_state\{node="([^"]*)",code="([^"]*)"\} (\S+)$/gm);
  return Array.from(samples, ([, node = "", code = "", value]) => ({ node, code, value: Number(value) })).toSorted(
    (one, other) => (one.node < other.node ? -1 : 1),
  );
}

/** The verdict as it is written on a Node. */
export interface Verdict {
  readonly code: string;
  /** All reasons, the decisive one first. */
  readonly sentences: readonly string[];
}

/** `undefined` where there is none. */
export async function verdictOf(site: Site, node: string): Promise<Verdict | undefined> {
  const text = (await site.readNode(node)).metadata.annotations?.["kured.dev/verdict"];
  if (text === undefined) return undefined;
  const { code, reasons } = JSON.parse(text) as { code: string; reasons: readonly { sentence: string }[] };
  return { code, sentences: reasons.map(({ sentence }) => sentence) };
}

/** Waits until the verdict that is written on a Node has this code, and its first sentence says this. */
export async function untilVerdict(
  site: Site,
  {
    node,
    code,
    says = /./,
    timeoutMs = 5_000,
  }: { readonly node: string; readonly code: string; readonly says?: RegExp; readonly timeoutMs?: number },
): Promise<void> {
  let last: Verdict | undefined;
  const found = async () => {
    last = await verdictOf(site, node);
    return last?.code === code && says.test(last.sentences[0] ?? "");
  };
  const what = `the verdict of ${node} to be ${code} and to say ${String(says)}`;
  await waitFor(what, found, { signal: site.signal, timeoutMs }).catch((cause: unknown) => {
    throw new Error(`The verdict of ${node} was ${JSON.stringify(last)} instead of ${code}, ${String(says)}`, {
      cause,
    });
  });
}

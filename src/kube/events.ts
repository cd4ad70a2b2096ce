import type { Clock } from "../ports/clock.ts";
import type { Answer } from "./answers.ts";
import type { KubeClient } from "./client.ts";
import { decodeObject } from "./object.ts";

/** Something that happened to a Node, for people who ask `kubectl describe node`. */
export interface NodeEvent {
  /** Of the Event object: the same for the same happening, so that nothing is told twice. A DNS subdomain. */
  readonly name: string;
  readonly node: { readonly name: string; readonly uid: string };
  readonly type: "Normal" | "Warning";
  /** One word in CamelCase. */
  readonly reason: string;
  /** A sentence; cut at a thousand characters. */
  readonly message: string;
}

/** Who tells. */
export interface NodeEventParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** The pod that reports. */
  readonly instance: string;
  readonly signal: AbortSignal;
}

/** Records an Event on a Node, in the namespace `default` as the kubelet does. One that exists already is told. */
export async function recordNodeEvent(event: NodeEvent, parts: NodeEventParts): Promise<Answer<"recorded" | "known">> {
  const { client, clock, instance, signal } = parts;
  const { name, node, type, reason, message } = event;
  const at = new Date(clock.now().wallMs).toISOString().replace(/\.\d+Z$/, "Z");
  const object = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace },
    involvedObject: { apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid },
    type,
    reason,
    message: message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
  };
  const answer = await client.create("events", { namespace, object, decode: decodeObject, signal });
  if (answer.kind === "ok") return { kind: "ok", value: "recorded" };
  return answer.kind === "alreadyExists" ? { kind: "ok", value: "known" } : answer;
}

/** Events about what belongs to no namespace live here. */
const namespace = "default";
const component = "kured";
const longestMessage = 1000;

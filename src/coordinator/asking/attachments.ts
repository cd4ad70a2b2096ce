import { isJsonObject } from "../../core/json.ts";
import type { Answer } from "../../core/question.ts";
import { describeFailure } from "../../kube/answers.ts";
import type { KubeClient } from "../../kube/client.ts";
import { MalformedError, readString, readOptionalString, type Decode } from "../../kube/object.ts";
import type { Clock } from "../../ports/clock.ts";

/** What a single question to the API server needs. */
export interface AskParts {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * What is attached to a node. The API server cannot select attachments by node, so those of all nodes are listed. That
 * we may not is an answer: the Node's status says nearly the same.
 */
export async function askAttachments(node: string, { client, clock, signal }: AskParts): Promise<Answer> {
  const observedAtMs = clock.now().monotonicMs;
  const answer = await client.list("volumeattachments", { decode: decodeAttachment, signal });
  if (answer.kind === "forbidden") return { kind: "volumeAttachments", observedAtMs, volumes: "forbidden" };
  if (answer.kind !== "ok") return { kind: "failed", observedAtMs, reason: describeFailure(answer) };
  const ofNode = answer.value.items.filter((attachment) => attachment.node === node);
  return { kind: "volumeAttachments", observedAtMs, volumes: ofNode.map(({ volume }) => volume) };
}

interface Attachment {
  readonly node: string;
  readonly volume: string;
}

const decodeAttachment: Decode<Attachment> = (json) => {
  if (!isJsonObject(json)) throw new MalformedError("", "a VolumeAttachment", json);
  // What a pod brings itself, without a claim, has no PersistentVolume.
  const volume = readOptionalString(json, "spec.source.persistentVolumeName") ?? readString(json, "metadata.name");
  return { node: readString(json, "spec.nodeName"), volume };
};

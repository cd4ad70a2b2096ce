import type { GateState } from "../core/policy/gate.ts";
import { describeFailure } from "../kube/answers.ts";
import type { KubeClient } from "../kube/client.ts";
import { decodeObject } from "../kube/object.ts";
import { GateError, type Gate } from "./gate.ts";
import { namesInBrackets } from "./names.ts";

/**
 * Closed while a pod on the node matches one of the selectors (`--blocking-pod-selector`), whatever its namespace and
 * whoever owns it. Pods that have ended do not count, those that are ending do.
 */
export function blockingPods(selectors: readonly string[], { client }: { readonly client: KubeClient }): Gate {
  return {
    name: "pods",
    scope: "node",
    failure: "pod query error",
    ask: async ({ node = "", signal }) => {
      for (const labelSelector of selectors) {
        const state = await askFor(labelSelector, { node, client, signal });
        if (state.kind === "closed") return state;
      }
      return { kind: "open" };
    },
  };
}

async function askFor(
  labelSelector: string,
  { node, client, signal }: { readonly node: string; readonly client: KubeClient; readonly signal: AbortSignal },
): Promise<GateState> {
  const fieldSelector = `spec.nodeName=${node},${notEnded}`;
  const answer = await client.list("pods", {
    labelSelector,
    fieldSelector,
    metadataOnly: true,
    decode: decodeObject,
    signal,
  });
  if (answer.kind !== "ok") throw new GateError(describeFailure(answer));
  if (answer.value.items.length === 0) return { kind: "open" };
  const names = answer.value.items.map(({ name }) => name);
  return { kind: "closed", by: "pod", detail: `matching pods: ${namesInBrackets(names)}` };
}

/** kured's own words for it, so that its rights and the API server's index serve both. */
const notEnded = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown";

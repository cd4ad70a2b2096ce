import type { Decision } from "../../decide.ts";
import { verdictAnnotation } from "../../fleet/node.ts";
import type { View } from "../../fleet/view.ts";
import type { Now } from "../../now.ts";
import { encodePublished, publish, publishedFor } from "../../verdict/published.ts";
import type { Cluster } from "./cluster.ts";
import type { Living, Network } from "./network.ts";

/** As the loops do: that a node is done is written on it once, in a write of its own. */
export function publishDone(
  { verdicts }: Decision,
  { view, now, by, cluster, network }: { view: View; now: Now; by: Living; cluster: Cluster; network: Network },
): void {
  for (const verdict of verdicts) {
    const { node: name, recordId, reasons } = verdict;
    if (recordId === undefined || reasons[0].code !== "Done") continue;
    const node = view.nodes.find((one) => one.name === name);
    const told = { code: "Done", recordId };
    if (node === undefined || publishedFor(node.published, told)) continue;
    const ages = { sinceMs: now.wallMs, decidedAtMs: now.wallMs, nodesAgeMs: 0, ledgerAgeMs: 0 };
    const text = encodePublished(publish(verdict, ages));
    network.send(by, {
      write: false,
      apply: () => {
        if (publishedFor(cluster.nodes.get(name)?.annotations[verdictAnnotation], told)) return;
        cluster.annotate(name, { [verdictAnnotation]: text }, { kind: "ours", by: by.name });
      },
      done: () => undefined,
      failed: () => undefined,
    });
  }
}

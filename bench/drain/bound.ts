import { request as httpsRequest, Agent } from "node:https";
import type { Site } from "../../test/cases/site.ts";
import type { PodObject } from "../../test/controlplane/objects.ts";

/** As many as the reference was measured with; more do not make the API server quicker. */
const inFlightMax = 30;

/**
 * Evicts all pods of a node with nothing else in mind: how fast this API server can be at all, now, on this machine.
 * Resolves when every eviction is answered.
 */
export async function evictPlainly(site: Site, { node }: { readonly node: string }): Promise<void> {
  const { admin } = site.cluster;
  const fieldSelector = `spec.nodeName=${node}`;
  const pods = await admin.list<PodObject>({
    kind: "Pod",
    namespace: site.name,
    fieldSelector,
    labelSelector: "app=web",
  });
  const token = await admin.requestToken({ namespace: site.name, serviceAccount: site.name });
  const ca = site.cluster.pki.authority.certificate;
  const agent = new Agent({ ca, keepAlive: true, maxSockets: inFlightMax, maxFreeSockets: inFlightMax });
  await admin.patch({ kind: "Node", metadata: { name: node } }, { spec: { unschedulable: true } });
  await Promise.all(pods.map((pod) => evict(pod, { server: site.cluster.server, token, agent })));
  agent.destroy();
}

function evict(
  { metadata: { name, namespace } }: PodObject,
  { server, token, agent }: { readonly server: string; readonly token: string; readonly agent: Agent },
): Promise<void> {
  const url = `${server}/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  const body = JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, { method: "POST", agent, headers }, (answer) => {
      answer.resume().once("end", () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`${url}: ${answer.statusCode}`));
      });
    });
    outgoing.once("error", reject).end(body);
  });
}

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { KubeObject } from "../../controlplane/resources.ts";
import { createAll, waitFor } from "../../controlplane/waits.ts";
import type { Twin } from "./scene.ts";
import { rehearsed, ruleOn, selectorOf } from "./things.ts";

export interface WebhookOptions {
  /** Of its answers; without a message it breaks the connection, and the API server says 500. */
  readonly code: number;
  readonly message?: string;
  /** By which it is found out whether the API server asks it already. */
  readonly pod: string;
}

/**
 * An admission webhook on loopback against all evictions in the twin's namespace, which the API server asks already.
 */
export async function startWebhook(twin: Twin, { code, message, pod }: WebhookOptions): Promise<void> {
  await serveWebhook(twin, {
    resource: "pods/eviction",
    answer: (uid, response) => {
      const review = { uid, allowed: false, status: { code, message } };
      if (message === undefined) response.destroy();
      else deliver(response, review);
    },
  });
  const asked = async (): Promise<boolean> => (await rehearsed(twin, pod)) === code;
  await waitFor("the API server to ask the webhook", asked, { signal: twin.signal });
}

export interface Served {
  /** Whose creation it is asked about. */
  readonly resource: string;
  readonly answer: (uid: string, response: ServerResponse) => void;
}

/** An admission webhook, named after the twin's namespace, which the API server will ask soon. */
export async function serveWebhook(
  { admin, namespace, pki, atEnd }: Twin,
  { resource, answer }: Served,
): Promise<void> {
  const { certificate, key } = pki.issue({ commonName: "webhook", servesAs: ["127.0.0.1"] });
  const server = createServer({ cert: certificate, key }, (request, response) => {
    text(request)
      .then((body) => answer((JSON.parse(body) as AdmissionReview).request.uid, response))
      .catch(() => response.destroy());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const webhook = {
    name: "webhook.test.kured.dev",
    clientConfig: {
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      caBundle: Buffer.from(pki.authority.certificate).toString("base64"),
    },
    rules: [ruleOn({ operation: "CREATE", resource })],
    namespaceSelector: selectorOf(namespace),
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds: 30,
  };
  const configuration: KubeObject & { readonly webhooks: readonly object[] } = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: namespace },
    webhooks: [webhook],
  };
  await createAll(admin, [configuration]);
}

interface AdmissionReview {
  readonly request: { readonly uid: string };
}

function deliver(response: ServerResponse, answer: object): void {
  const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(review));
}

import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import { bearerTokenFile } from "./bearer-token.ts";
import type { Connection } from "./connection.ts";

/** What a pod's own connection is made from. */
export interface InClusterParts {
  /** The process's environment. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly clock: Clock;
}

/**
 * The connection that every pod is given: the address in the environment, the token and the authority's certificate
 * in the service account's folder. Rejects with an Error that says in kured's words what is missing.
 */
export async function inClusterConnection({ environment, files, clock }: InClusterParts): Promise<Connection> {
  const host = environment["KUBERNETES_SERVICE_HOST"] ?? "";
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "";
  if (host === "" || port === "") {
    throw new Error(
      "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined",
    );
  }
  const credentials = bearerTokenFile(`${serviceAccountFolder}/token`, { files, clock });
  try {
    const certificateAuthority = await files.readText(`${serviceAccountFolder}/ca.crt`);
    if (!certificateAuthority.includes("-----BEGIN CERTIFICATE-----"))
      throw new Error(`${serviceAccountFolder}/ca.crt holds no certificate`);
    // A pod without a token is told at once, not with its first request.
    await credentials.authorization({ signal: new AbortController().signal });
    return { server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`, certificateAuthority, credentials };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`unable to load in-cluster configuration: ${reason}`, { cause: error });
  }
}

const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

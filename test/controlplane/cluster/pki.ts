import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority, createCertificate, type Certified, type CertificateOptions } from "./certificates.ts";

/** The keys of one cluster. */
export interface Pki {
  /** Signs every certificate of the cluster, servers' and clients' alike; in PEM. */
  readonly authority: Certified;
  /** Client certificate in the group `system:masters`. */
  readonly admin: Certified;
  /** Path of a file in `folder`. */
  readonly path: (name: PkiFile) => string;
  /** A further certificate of the same authority, such as a proxy's. */
  readonly issue: (options: CertificateOptions) => Certified;
}

export type PkiFile =
  | "ca.crt"
  | "ca.key"
  | "apiserver.crt"
  | "apiserver.key"
  | "admin.crt"
  | "admin.key"
  | "service-accounts.crt"
  | "service-accounts.key"
  | "admin.kubeconfig"
  | "kube-controller-manager.kubeconfig"
  | "kube-scheduler.kubeconfig";

const AUTHORITY_NAME = "test-cluster";

/** Names under which the API server is reached, here and from inside a cluster. */
const API_SERVER_NAMES = [
  "127.0.0.1",
  "10.96.0.1",
  "localhost",
  "kubernetes",
  "kubernetes.default",
  "kubernetes.default.svc",
];

/** Makes a cluster's keys, certificates and kubeconfig files in `folder`. `server` is the API server's address. */
export async function createPki(folder: string, { server }: { readonly server: string }): Promise<Pki> {
  await mkdir(folder, { recursive: true });
  const authority = createAuthority(AUTHORITY_NAME);
  const issue = (options: CertificateOptions): Certified =>
    createCertificate(options, { ...authority, commonName: AUTHORITY_NAME });
  const admin = issue({ commonName: "admin", organizations: ["system:masters"] });
  const apiServer = issue({ commonName: "kube-apiserver", servesAs: API_SERVER_NAMES });
  const accounts = issue({ commonName: "service-accounts" });
  const access = { server, authority };
  const files: Readonly<Record<PkiFile, string>> = {
    "ca.crt": authority.certificate,
    "ca.key": authority.key,
    "apiserver.crt": apiServer.certificate,
    "apiserver.key": apiServer.key,
    "admin.crt": admin.certificate,
    "admin.key": admin.key,
    "service-accounts.crt": accounts.certificate,
    "service-accounts.key": accounts.key,
    "admin.kubeconfig": kubeconfig(admin, access),
    "kube-controller-manager.kubeconfig": kubeconfig(issue({ commonName: "system:kube-controller-manager" }), access),
    "kube-scheduler.kubeconfig": kubeconfig(issue({ commonName: "system:kube-scheduler" }), access),
  };
  const path = (name: PkiFile): string => join(folder, name);
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return { authority, admin, path, issue };
}

/** The text of a kubeconfig file, in JSON, which is YAML too. */
export function kubeconfig(
  user: Certified,
  { server, authority }: { readonly server: string; readonly authority: Certified },
): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": base64(authority.certificate) } }],
    users: [
      {
        name: "test",
        user: { "client-certificate-data": base64(user.certificate), "client-key-data": base64(user.key) },
      },
    ],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}

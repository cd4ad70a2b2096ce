import type { Clock } from "../../ports/clock.ts";
import type { Commands } from "../../ports/commands.ts";
import type { Files } from "../../ports/files.ts";
import { readBoolean, readObject, readOptionalString, readString } from "../object.ts";
import type { Json } from "../wire/json.ts";
import { bearerToken, bearerTokenFile } from "./bearer-token.ts";
import type { Connection, Credentials } from "./connection.ts";
import { execCredential } from "./exec-credential.ts";
import { readKubeconfig } from "./kubeconfig-files.ts";
import type { Kubeconfig, KubeconfigEntry, KubeconfigSearch } from "./kubeconfig-files.ts";

/** Where an operator's commands go. */
export interface OperatorConnection {
  readonly connection: Connection;
  readonly context: string;
  /** The namespace that the context names. */
  readonly namespace: string | undefined;
}

/** What an operator's connection is made from. */
export interface KubeconfigParts extends KubeconfigSearch {
  readonly clock: Clock;
  /** For credential plug-ins. */
  readonly commands: Commands;
  /** Instead of the current context. */
  readonly context?: string;
  readonly signal: AbortSignal;
}

/**
 * The connection of an operator's kubeconfig, for the command line alone. What it asks for and we cannot do, such as
 * impersonation, is an error rather than ignored. Rejects with an Error that names the place.
 */
export async function kubeconfigConnection(parts: KubeconfigParts): Promise<OperatorConnection> {
  const config = await readKubeconfig(parts);
  const name = parts.context ?? config.currentContext;
  if (name === undefined) throw new Error("the kubeconfig has no current-context; name one with --context");
  const context = entryOf(config, { kind: "contexts", name, wantedBy: "the command line or current-context" });
  const wantedBy = `the context "${name}"`;
  const cluster = entryOf(config, { kind: "clusters", name: readString(context.content, "cluster"), wantedBy });
  const userName = given(context, "user");
  const user = userName === undefined ? nobody : entryOf(config, { kind: "users", name: userName, wantedBy });
  refuseUnsupported(cluster, ["proxy-url"]);
  refuseUnsupported(user, ["as", "as-uid", "as-groups", "as-user-extra", "auth-provider"]);
  const connection = { ...(await serverOf(cluster, parts)), ...(await userOf(user, { ...parts, cluster })) };
  return { connection, context: name, namespace: given(context, "namespace") };
}

const nobody: KubeconfigEntry = { content: {}, folder: "" };

function entryOf(
  config: Kubeconfig,
  { kind, name, wantedBy }: { kind: "clusters" | "contexts" | "users"; name: string; wantedBy: string },
): KubeconfigEntry {
  const entry = config[kind].get(name);
  if (entry !== undefined) return entry;
  const known = [...config[kind].keys()].join(", ") || "none";
  throw new Error(`the kubeconfig has no "${name}" among its ${kind}, which ${wantedBy} wants; it has: ${known}`);
}

function refuseUnsupported({ content }: KubeconfigEntry, fields: readonly string[]): void {
  for (const field of fields) {
    if (!isEmpty(content[field])) throw new Error(`the kubeconfig asks for ${field}, which kured does not support`);
  }
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "";
}

async function serverOf(cluster: KubeconfigEntry, { files }: KubeconfigParts): Promise<Connection> {
  const { content } = cluster;
  const certificateAuthority = await pemOf(cluster, { field: "certificate-authority", files });
  const tlsServerName = given(cluster, "tls-server-name");
  return {
    server: readString(content, "server"),
    skipVerification: readBoolean(content, "insecure-skip-tls-verify"),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

interface UserParts extends KubeconfigParts {
  readonly cluster: KubeconfigEntry;
}

type Identity = Pick<Connection, "clientCertificate" | "credentials">;

async function userOf(user: KubeconfigEntry, parts: UserParts): Promise<Identity> {
  const { commands, signal, cluster } = parts;
  const certificate = await certificateOf(user, parts);
  const credentials = credentialsOf(user, parts);
  if (credentials !== undefined) return { ...certificate, credentials };
  if (user.content["exec"] === undefined) return certificate;
  const exec = readObject(user.content, "exec");
  const given = await execCredential({ commands, exec, folder: user.folder, cluster: cluster.content, signal });
  return { ...certificate, ...given };
}

async function certificateOf(user: KubeconfigEntry, { files }: UserParts): Promise<Identity> {
  const certificate = await pemOf(user, { field: "client-certificate", files });
  const key = await pemOf(user, { field: "client-key", files });
  if (certificate === undefined && key === undefined) return {};
  if (certificate !== undefined && key !== undefined) return { clientCertificate: { certificate, key } };
  throw new Error(
    `the kubeconfig has a client-${key === undefined ? "certificate without a key" : "key without a certificate"}`,
  );
}

/** A token file goes before a token, as with kubectl, because the file is the one that is kept fresh. */
function credentialsOf(user: KubeconfigEntry, { files, clock }: UserParts): Credentials | undefined {
  const tokenFile = given(user, "tokenFile");
  if (tokenFile !== undefined) return bearerTokenFile(pathOf(user, tokenFile), { files, clock });
  const token = given(user, "token");
  if (token !== undefined) return bearerToken(token);
  const name = given(user, "username");
  if (name === undefined) return undefined;
  const pair = `${name}:${given(user, "password") ?? ""}`;
  return { authorization: async () => `Basic ${Buffer.from(pair).toString("base64")}` };
}

/** PEM from `<field>-data`, or else from the file that `<field>` names. */
async function pemOf(
  entry: KubeconfigEntry,
  { field, files }: { readonly field: string; readonly files: Files },
): Promise<string | undefined> {
  const data = given(entry, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = given(entry, field);
  return path === undefined ? undefined : await files.readText(pathOf(entry, path));
}

/** An empty text is as good as none. */
function given({ content }: KubeconfigEntry, field: string): string | undefined {
  const text = readOptionalString(content, field);
  return text === "" ? undefined : text;
}

function pathOf({ folder }: KubeconfigEntry, path: string): string {
  return path.startsWith("/") ? path : `${folder}${path}`;
}

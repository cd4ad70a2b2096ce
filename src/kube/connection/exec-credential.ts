import type { Commands } from "../../ports/commands.ts";
import { readBoolean, readObject, readObjects, readOptionalString, readString } from "../object.ts";
import { excerptOf, isJsonObject, parseJson } from "../wire/json.ts";
import type { JsonObject } from "../wire/json.ts";
import type { Connection, Credentials } from "./connection.ts";

/** What a credential plug-in has given. */
export type ExecCredential = Pick<Connection, "clientCertificate" | "credentials">;

/** What a credential plug-in is run with. */
export interface ExecParts {
  readonly commands: Commands;
  /** `exec` of a kubeconfig's user. */
  readonly exec: JsonObject;
  /** For plug-ins with a relative path: the kubeconfig's folder, with a slash at its end, or empty. */
  readonly folder: string;
  /** `cluster` of the kubeconfig, for plug-ins that ask for it. */
  readonly cluster: JsonObject;
  readonly signal: AbortSignal;
}

/**
 * Runs a credential plug-in, as cloud providers have them (client.authentication.k8s.io), once now and again when
 * its token is refused. It gets no terminal. Rejects with an Error that names the plug-in and what went wrong.
 */
export async function execCredential(parts: ExecParts): Promise<ExecCredential> {
  if (readOptionalString(parts.exec, "interactiveMode") === "Always") {
    throw new Error(
      `the credential plug-in ${readString(parts.exec, "command")} needs a terminal, which kured cannot give`,
    );
  }
  const status = await runPlugin(parts);
  const certificate = readOptionalString(status, "clientCertificateData");
  const key = readOptionalString(status, "clientKeyData");
  const token = readOptionalString(status, "token");
  if (token === undefined && (certificate === undefined || key === undefined)) {
    throw new Error(
      `the credential plug-in ${readString(parts.exec, "command")} gave neither a token nor a certificate`,
    );
  }
  return {
    ...(certificate === undefined || key === undefined ? {} : { clientCertificate: { certificate, key } }),
    ...(token === undefined ? {} : { credentials: renewed(token, parts) }),
  };
}

const pluginTimeoutMs = 60_000;

function renewed(firstToken: string, parts: ExecParts): Credentials {
  let value = `Bearer ${firstToken}`;
  return {
    authorization: async ({ refused, signal }) => {
      if (refused === value) value = `Bearer ${readString(await runPlugin({ ...parts, signal }), "token")}`;
      return value;
    },
  };
}

/** The `status` of what the plug-in has printed. */
async function runPlugin(parts: ExecParts): Promise<JsonObject> {
  const { commands, exec, folder, signal } = parts;
  const command = readString(exec, "command");
  const program = command.includes("/") && !command.startsWith("/") ? `${folder}${command}` : command;
  const variables = readObjects(exec, "env").map(
    (one) => `${readString(one, "name")}=${readOptionalString(one, "value") ?? ""}`,
  );
  const given = exec["args"];
  const words = Array.isArray(given) ? given.map(String) : [];
  // Through env, because the port gives every command this process's own environment.
  const argv = ["env", ...variables, `KUBERNETES_EXEC_INFO=${execInfo(parts)}`, program, ...words] as const;
  const end = await commands.run(argv, { timeoutMs: pluginTimeoutMs, signal });
  if (end.kind === "exited" && end.code === 0) return readCredential(end.stdout, command);
  const why = end.kind === "exited" ? `ended with ${end.code}: ${excerptOf(end.stderr)}` : end.kind;
  const hint = readOptionalString(exec, "installHint");
  throw new Error(`the credential plug-in ${command} ${why}${hint === undefined ? "" : `\n${hint}`}`);
}

function readCredential(output: string, command: string): JsonObject {
  const json = parseJson(output);
  if (!isJsonObject(json) || json["kind"] !== "ExecCredential") {
    throw new Error(`the credential plug-in ${command} printed no ExecCredential, but: ${excerptOf(output)}`);
  }
  return readObject(json, "status");
}

function execInfo({ exec, cluster }: ExecParts): string {
  const {
    server,
    "certificate-authority-data": data,
    "tls-server-name": name,
    "insecure-skip-tls-verify": insecure,
  } = cluster;
  const told = {
    server,
    "certificate-authority-data": data,
    "tls-server-name": name,
    "insecure-skip-tls-verify": insecure,
  };
  return JSON.stringify({
    kind: "ExecCredential",
    apiVersion: readString(exec, "apiVersion"),
    spec: { interactive: false, ...(readBoolean(exec, "provideClusterInfo") ? { cluster: told } : {}) },
  });
}

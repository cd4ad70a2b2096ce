import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "../../controlplane/cluster.ts";
import type { KubectlState } from "./scene.ts";

/** A `kubectl` that runs, or has ended. */
export interface Kubectl {
  state(): KubectlState;
  /** All that it wrote so far, on either stream. */
  output(): string;
  stop(): Promise<void>;
}

export interface KubectlOptions {
  readonly cluster: Cluster;
  /** Where it finds the API server: a proxy's address. */
  readonly server: string;
  readonly token: string;
  /** Of its kubeconfig and its cache; unique in the cluster. */
  readonly name: string;
}

/** Starts it with an account's token. */
export async function startKubectl(
  argv: readonly string[],
  { cluster, server, token, name }: KubectlOptions,
): Promise<Kubectl> {
  const kubeconfig = join(cluster.folder, `${name}.kubeconfig`);
  const authority = Buffer.from(cluster.pki.authority.certificate).toString("base64");
  const text = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
  await writeFile(kubeconfig, text, { mode: 0o600 });
  // What an earlier one has learnt of the API is not to spare this one a question.
  const cache = `--cache-dir=${join(cluster.folder, `${name}.cache`)}`;
  const child = spawn(cluster.programs.paths.kubectl, [`--kubeconfig=${kubeconfig}`, cache, ...argv]);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const ended = once(child, "close");
  return {
    state: () => {
      if (child.exitCode === null && child.signalCode === null) return "goes on";
      return child.exitCode === 0 ? "done" : "failed";
    },
    output: () => output,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { createClient, type TestClient } from "../controlplane/client.ts";
import type { NodeObject } from "../controlplane/objects.ts";
import { runToEnd, type ProgramEnd } from "../controlplane/processes.ts";
import { waitFor } from "../controlplane/waits.ts";
import { attachMachine, type Machine } from "./switches.ts";

/** In a rig's folder once its nodes are Ready. */
export const RIG_FILE = "rig.json";

/** What `RIG_FILE` holds. */
export interface RigFile {
  /** `https://127.0.0.1:443`. */
  readonly server: string;
  /** Path of a file with all rights. */
  readonly kubeconfig: string;
  /** Names of the nodes, which are those of the machines. */
  readonly nodes: readonly string[];
  /** The folder of kubectl. */
  readonly programs: string;
}

/** A cluster of machines that really reboot, kept by another process. */
export interface Rig extends RigFile {
  readonly folder: string;
  /** The one that it was attached with: what is aborted with it ends. */
  readonly signal: AbortSignal;
  /** Has all rights. */
  readonly admin: TestClient;
  machine(name: string): Machine;
  /** Every machine in the order of the nodes. */
  readonly machines: readonly Machine[];
  /**
   * Runs a program with this cluster's kubeconfig and kubectl in its path; rejects with what it said unless it
   * succeeds.
   */
  run(argv: readonly [string, ...string[]]): Promise<ProgramEnd>;
  /** Resolves when every node is Ready in its machine's present boot, and pods can be scheduled on it. */
  untilReady(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Puts an archive of images onto every machine that runs; later boots have it too. */
  loadImage(archive: string, options: { readonly as: string }): Promise<void>;
}

/** The rig in a folder. Only what is started through `intoRig` reaches its cluster and its machines. */
export async function attachRig(
  folder: string,
  { signal, file = RIG_FILE }: { readonly signal: AbortSignal; readonly file?: string },
): Promise<Rig> {
  const rigFile = JSON.parse(await readFile(join(folder, file), "utf8")) as RigFile;
  const admin = await adminOf(rigFile, signal);
  const machines = rigFile.nodes.map((name) => attachMachine(name, { folder: join(folder, "nodes", name), signal }));
  const machine = (name: string): Machine => {
    const found = machines.find((one) => one.name === name);
    if (found === undefined) throw new Error(`There is no machine ${name}, only ${rigFile.nodes.join(", ")}`);
    return found;
  };
  const run: Rig["run"] = async (argv) => {
    const environment = rigEnvironment(folder, rigFile);
    const end = await runToEnd(argv, { environment, signal });
    if (end.code !== 0) throw new Error(`${argv.join(" ")} ended with ${end.code}:\n${end.stdout}${end.stderr}`);
    return end;
  };
  return {
    ...rigFile,
    folder,
    signal,
    admin,
    machines,
    machine,
    run,
    untilReady: async ({ timeoutMs = 60_000 } = {}) => {
      const account = { kind: "ServiceAccount", metadata: { namespace: "default", name: "default" } };
      await waitFor("the default service account", () => admin.find(account), { signal, timeoutMs });
      for (const one of machines) await nodeReady(admin, { machine: one, signal, timeoutMs });
    },
    loadImage: async (archive, { as }) => {
      await runToEnd(["cp", archive, join(folder, "images", `${as}.tar`)], { signal });
      await Promise.all(machines.map((one) => one.exec(["/usr/local/sbin/load-images"])));
    },
  };
}

/** Variables with which kubectl, helm and the tests find the rig in `folder`. */
export function rigEnvironment(
  folder: string,
  { kubeconfig, programs }: Pick<RigFile, "kubeconfig" | "programs">,
): NodeJS.ProcessEnv {
  const PATH = [programs, process.env["PATH"] ?? ""].join(delimiter);
  return { ...process.env, PATH, KUBECONFIG: kubeconfig, KURED_NODES: folder };
}

/** Right after a boot the API server still shows what the kubelet said in the one before. */
async function nodeReady(
  admin: TestClient,
  { machine, ...wait }: { readonly machine: Machine; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<void> {
  await waitFor(
    `node ${machine.name} to be Ready in its present boot`,
    async () => {
      const node = await admin.get<NodeObject>({ kind: "Node", metadata: { name: machine.name } });
      const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
      const taints = node.spec?.taints?.filter(({ key }) => key.startsWith("node.kubernetes.io/not-ready")) ?? [];
      return isReady === true && taints.length === 0 && node.status?.nodeInfo?.["bootID"] === (await machine.bootId());
    },
    { ...wait, everyMs: 200 },
  );
}

async function adminOf({ kubeconfig, server }: RigFile, signal: AbortSignal): Promise<TestClient> {
  const text = JSON.parse(await readFile(kubeconfig, "utf8")) as Kubeconfig;
  const [cluster] = text.clusters;
  const [user] = text.users;
  const decode = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString();
  const certificate = decode(user?.user["client-certificate-data"]);
  const key = decode(user?.user["client-key-data"]);
  const authority = decode(cluster?.cluster["certificate-authority-data"]);
  return createClient({ server, authority, credentials: { kind: "certificate", certificate, key }, signal });
}

/** As `createPki` writes it. */
interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Readonly<Record<string, string>> }[];
  readonly users: readonly { readonly user: Readonly<Record<string, string>> }[];
}

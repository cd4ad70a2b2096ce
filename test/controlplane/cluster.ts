import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AUDIT_POLICY, readAudit, type AuditEntry, type AuditFilter } from "./cluster/audit.ts";
import { findControlPlane, type ControlPlane } from "./binaries.ts";
import { createClient, type TestClient } from "./client.ts";
import { commandLine, type ClusterFeatures, type ComponentName, type Plan } from "./cluster/commandlines.ts";
import { freePort, startComponent, type Component } from "./cluster/component.ts";
import { createPki, type Pki } from "./cluster/pki.ts";
import { untilControllersWork, untilReady } from "./cluster/readiness.ts";

export interface ClusterOptions {
  readonly signal: AbortSignal;
  /** Told what is found, built and started; nowhere unless given. */
  readonly log?: (line: string) => void;
  /** Release of Kubernetes, `v1.37.1`; the pinned one unless given. */
  readonly kubernetes?: string;
  readonly features?: ClusterFeatures;
}

/** A real control plane on loopback, with fake nodes for whoever creates them (`objects.ts`). */
export interface Cluster {
  /** `https://127.0.0.1:port`. */
  readonly server: string;
  readonly port: number;
  readonly pki: Pki;
  /** Path of a kubeconfig file with all rights. */
  readonly kubeconfig: string;
  /** Has all rights. */
  readonly admin: TestClient;
  /** Where the programs are and where they came from. */
  readonly programs: ControlPlane;
  /** From the call to the server being ready, in ms, without finding or building the programs. */
  readonly tookMs: number;
  /** Everything of this cluster is below; removed at the end. */
  readonly folder: string;
  /** A client with a service account's token; of the API server itself unless `server` names a proxy. */
  clientFor(options: { readonly token: string; readonly userAgent?: string; readonly server?: string }): TestClient;
  auditEntries(filter?: AuditFilter): Promise<readonly AuditEntry[]>;
  /** Kills the API server (SIGKILL); its data and its port stay. */
  killApiServer(): Promise<void>;
  /** Starts it again and resolves when it is ready. */
  startApiServer(): Promise<void>;
  /**
   * Kills the controllers and starts them again: after an outage they themselves look again after up to half a minute.
   */
  restartControllers(): Promise<void>;
  /**
   * Has etcd forget all history: what goes on from an older version, once the API server's own memory is gone, gets
   * 410.
   */
  compactHistory(): Promise<void>;
  /** Ends everything and removes the folder. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane. What `signal` aborts is killed at once; a part that ends by itself is an Error with its last
 * words.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { signal, log = () => undefined, features = {} } = options;
  const programs = await findControlPlane({ ...options, log });
  const startedMs = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "kured-cluster-"));
  await mkdir(join(folder, "logs"));
  const [etcdPort, peerPort] = [await freePort(), await freePort()];
  const port = features.machinesReachItAt === undefined ? await freePort() : 443;
  const server = `https://127.0.0.1:${port}`;
  const pki = await createPki(join(folder, "pki"), { server });
  await writeFile(join(folder, "audit-policy.json"), JSON.stringify(AUDIT_POLICY));
  const plan: Plan = { folder, port, etcdPort, peerPort, pki, programs, features };
  const start = (name: ComponentName): Component =>
    startComponent(commandLine(name, plan), { output: join(folder, "logs", name), signal });

  const parts = new Map<ComponentName, Component>();
  const authority = pki.authority.certificate;
  const admin = createClient({ server, authority, credentials: { kind: "certificate", ...pki.admin }, signal });
  const stop = async (): Promise<void> => {
    admin.close();
    await Promise.all([...parts.values()].map((part) => part.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  const startApiServer = async (): Promise<void> => {
    parts.set("kube-apiserver", start("kube-apiserver"));
    await untilReady(admin, { parts, signal });
  };
  try {
    parts.set("etcd", start("etcd"));
    await startApiServer();
    if (!(features.apiServerAlone ?? false)) {
      for (const name of controllersOf(features)) parts.set(name, start(name));
      await untilControllersWork(admin, { parts, signal });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const tookMs = Date.now() - startedMs;
  log(`control plane ${server} is up after ${tookMs} ms`);
  return {
    server,
    port,
    pki,
    kubeconfig: pki.path("admin.kubeconfig"),
    admin,
    programs,
    tookMs,
    folder,
    clientFor: ({ token, ...more }) =>
      createClient({ server, authority, credentials: { kind: "token", token }, signal, ...more }),
    auditEntries: (filter) => readAudit(join(folder, "audit.log"), filter),
    killApiServer: async () => {
      await parts.get("kube-apiserver")?.kill();
      parts.delete("kube-apiserver");
      admin.close(); // Its idle connections lead nowhere now.
    },
    startApiServer,
    restartControllers: async () => {
      const controllers = controllersOf(features);
      for (const name of controllers) await parts.get(name)?.kill();
      // Another kwok would wait until the first one's leases have run out.
      const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
      await admin.send("DELETE", leases).catch((cause: unknown) => {
        throw new Error(parts.get("kube-apiserver")?.ended() ?? "The API server refused the controllers' leases", {
          cause,
        });
      });
      for (const name of controllers) parts.set(name, start(name));
    },
    compactHistory: () => compactHistory(`http://127.0.0.1:${etcdPort}`),
    stop,
  };
}

function controllersOf({ machinesReachItAt }: ClusterFeatures): readonly ComponentName[] {
  const always = ["kube-controller-manager", "kube-scheduler"] as const;
  return machinesReachItAt === undefined ? [...always, "kwok"] : always;
}

/** By etcd's JSON gateway; the revision of now is in the header of every answer. */
async function compactHistory(etcd: string): Promise<void> {
  const call = async (path: string, body: object): Promise<{ readonly header: { readonly revision: string } }> => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd refused ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { header: { revision: string } };
  };
  const { header } = await call("range", { key: Buffer.from("/").toString("base64"), count_only: true });
  await call("compaction", { revision: header.revision, physical: true });
}

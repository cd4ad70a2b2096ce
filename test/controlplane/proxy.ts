import { Agent, createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { once } from "node:events";
import type { Cluster } from "./cluster.ts";
import { freePort } from "./cluster/component.ts";
import { FaultPlan, type CannedAnswer, type PlannedFault } from "./proxy/faults.ts";
import { Holds, type HeldWrite, type HoldPoint } from "./proxy/holds.ts";
import { pass } from "./proxy/passage.ts";
import { countsAsWrite, narrowed, type ProxiedRequest } from "./proxy/requests.ts";

export interface ProxyOptions {
  readonly cluster: Cluster;
  /** Which requests count as writes; `countsAsWrite` unless given. */
  readonly counts?: (request: ProxiedRequest) => boolean;
  /**
   * Labels, `site=a`: of the cluster's Nodes only these are listed and watched through it. What has every Node in view,
   * as a coordinator has, then believes itself alone on a cluster that it shares with other cases.
   */
  readonly nodeSelector?: string;
}

/** Stands between a daemon and the API server, passes everything on as it is, and does harm where it is told to. */
export interface Proxy {
  readonly port: number;
  /** `https://127.0.0.1:port`; its certificate is of the cluster's authority. */
  readonly server: string;
  /** Everything that has come, in its order. */
  requests(): readonly ProxiedRequest[];
  /** How many writes have come. */
  writes(): number;
  /** Resolves when the n-th write, counted from the proxy's start, stands at that point; rejects after two minutes. */
  holdWrite(write: number, at: HoldPoint): Promise<HeldWrite>;
  /** Plans a fault; of several that match the one that was planned first strikes. */
  plan(fault: PlannedFault): void;
  /** Answers the next request that matches by itself. */
  answerOnce(matches: PlannedFault["matches"], answer: CannedAnswer): void;
  /** Breaks off the next answer that matches in the middle of its body. */
  cutOnce(matches: PlannedFault["matches"], options?: { readonly afterBytes?: number }): void;
  /**
   * Ends every open watch: cleanly as a server does when its time is over, by breaking the connection, or half-open:
   * the connection stays, and nothing comes any more.
   */
  closeWatches(how?: "cleanly" | "broken" | "halfOpen"): void;
  /** While off, every connection breaks at once and nothing gets through. */
  setReachable(reachable: boolean): void;
  /** Forgets all faults that are planned and lets go of all that is held. */
  heal(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a port of its own. One for each daemon, so that harm to one does not touch another. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { cluster, counts = countsAsWrite, nodeSelector } = options;
  const { certificate, key } = cluster.pki.issue({ commonName: "proxy", servesAs: ["127.0.0.1", "localhost"] });
  const agent = new Agent({ ca: cluster.pki.authority.certificate, keepAlive: true });
  const requests: ProxiedRequest[] = [];
  const faults = new FaultPlan();
  const holds = new Holds();
  const sockets = new Set<Socket>();
  const watches = new Map<ServerResponse, IncomingMessage>();
  let writes = 0;
  let reachable = true;

  const server = createServer({ cert: certificate, key }, (incoming, response) => {
    const served = serve(incoming, response);
    // Whoever asked may be gone, or the API server; both are as good as a broken connection.
    served.catch(() => response.destroy());
  });
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const request = arrive(incoming, body);
    const fault = faults.strike(request);
    response.once("close", () => (request.endedAtMs = Date.now()));
    await pass(request, { incoming, body, response, fault, holds, watches, agent, upstream: cluster.server });
  };
  const arrive = (incoming: IncomingMessage, body: Buffer): ProxiedRequest => {
    const plain: ProxiedRequest = {
      method: incoming.method ?? "GET",
      path: narrowed(incoming.url ?? "/", nodeSelector),
      userAgent: incoming.headers["user-agent"] ?? "",
      authorization: incoming.headers.authorization ?? "",
      body: body.toString(),
      isWatch: /[?&]watch=(true|1)(&|$)/.test(incoming.url ?? ""),
      atMs: Date.now(),
    };
    const request = counts(plain) ? { ...plain, write: ++writes } : plain;
    requests.push(request);
    return request;
  };
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    if (!reachable) socket.destroy();
    socket.once("close", () => sockets.delete(socket));
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port,
    server: `https://127.0.0.1:${port}`,
    requests: () => requests,
    writes: () => writes,
    holdWrite: (write, at) => holds.plan(write, at),
    plan: (fault) => faults.add(fault),
    answerOnce: (matches, answer) => faults.add({ matches, fault: { kind: "answer", answer } }),
    cutOnce: (matches, options = {}) => faults.add({ matches, fault: { kind: "cut", ...options } }),
    closeWatches: (how = "cleanly") => {
      for (const [response, upstream] of watches) {
        upstream.unpipe(response);
        // Without this, the end of one side would be the end of the other.
        if (how === "halfOpen") upstream.removeAllListeners("error").on("error", () => undefined);
        if (how === "broken") response.destroy();
        if (how === "cleanly") response.end();
        upstream.destroy();
      }
    },
    setReachable: (now) => {
      reachable = now;
      if (!now) for (const socket of sockets) socket.destroy();
    },
    heal: () => {
      faults.clear();
      holds.clear();
    },
    stop: async () => {
      holds.clear();
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

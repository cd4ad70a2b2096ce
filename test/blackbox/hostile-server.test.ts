import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
import { encodeReport } from "../../src/core/fleet/report.ts";
import { report } from "../../src/core/testing/builders.ts";
import { rows } from "../cases/selection.ts";
import { createClient } from "../controlplane/client.ts";
import { freePort } from "../controlplane/cluster/component.ts";
import { startDaemon, type Daemon } from "../controlplane/daemon.ts";
import { startHost, type SimulatedHost } from "../controlplane/host.ts";
import { peakMegabytes } from "./peak.ts";
import { logLines, programUnderTest } from "./program.ts";

// Who answers in the place of the API server may be anybody who got hold of its address and its certificate's key.

const ending = new AbortController();
const { signal } = ending;
const tls = selfSigned({ nowMs: Date.now() });
let host: SimulatedHost;

before(async () => {
  const credentials = { kind: "token", token: "none" } as const;
  const admin = createClient({ server: "https://127.0.0.1:1", authority: tls.cert, credentials, signal });
  host = await startHost({ node: "n1", hasNode: false, admin, signal });
});

after(async () => {
  await host.stop();
  ending.abort(new Error("The suite is over"));
});

/** What is answered to a list of our own Node, or to the watch after it. */
type Answer = (response: ServerResponse) => void;

interface Hostility {
  /** An agent unless given. */
  readonly to?: "agent" | "coordinator";
  /** Megabytes; 200 unless given. */
  readonly atMost?: number;
  readonly list: Answer;
  readonly watch?: Answer;
  /** What the log says of it. */
  readonly told: RegExp;
}

const listHead = '{"kind":"List","metadata":{"resourceVersion":"1"},"items":[';
const node = '{"metadata":{"name":"n1","uid":"u","resourceVersion":"1"}}';
const goodList: Answer = (response) => response.end(`${listHead}${node}]}`);

let pages = 0;
const endlessPages: Answer = (response) => {
  const items = `${`${node},`.repeat(999)}${node}`;
  response.end(`{"metadata":{"resourceVersion":"1","continue":"${pages++}"},"items":[${items}]}`);
};

const toAgents: Readonly<Record<string, Hostility>> = {
  "a list without an end": {
    list: (response) => pour(response, { head: listHead, over: `${node},`.repeat(500) }),
    told: /the answer is larger than 4194304 bytes/,
  },
  "an endless list that is compressed a thousandfold": {
    list: (response) => {
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(Buffer.alloc(40_000_000, " ")));
    },
    told: /the answer is larger than 4194304 bytes/,
  },
  "pages without an end": {
    list: endlessPages,
    told: /a list does not come to its end/,
  },
  "one line without an end": {
    list: goodList,
    watch: (response) => pour(response, { head: '{"type":"ADDED","object":', over: '{"metadata":'.repeat(5_000) }),
    told: /a line of the answer is longer than 4194304 bytes/,
  },
  "headers without an end": {
    list: (response) => {
      pour(response.socket ?? response, {
        head: "HTTP/1.1 200 OK\r\n",
        over: `x-many: ${"y".repeat(1_000)}\r\n`.repeat(50),
      });
    },
    told: /[Hh]eader/,
  },
  "JSON that is nested 200,000 deep": {
    list: (response) => response.end(`${"[".repeat(200_000)}${"]".repeat(200_000)}`),
    told: /should be/,
  },
};

/** Twice 64 MiB through TLS. */
const toCoordinators: Readonly<Record<string, Hostility>> = {
  "a list of all nodes without an end": {
    to: "coordinator",
    atMost: 300,
    list: (response) => pour(response, { head: listHead, over: `${node},`.repeat(500) }),
    told: /the answer is larger than 67108864 bytes/,
  },
  "a watch that adds nodes without end": {
    to: "coordinator",
    atMost: 300,
    list: goodList,
    watch: (response) => pour(response, { head: "", over: manyNodes }),
    told: /a watch adds objects without end/,
  },
};

let named = 0;
/** Of nodes of which nothing is to be told. */
const manyNodes = (): string => {
  const annotations = { "kured.dev/report": encodeReport(report({ need: "notRequired" })) };
  const event = () => {
    const metadata = { name: `x${named}`, uid: `u${named}`, resourceVersion: `${2 + named++}`, annotations };
    return JSON.stringify({ type: "ADDED", object: { metadata } });
  };
  return Array.from({ length: 500 }, () => `${event()}\n`).join("");
};

describe("an API server that wants our memory", { concurrency: 6 }, () => {
  const few = Object.entries(toAgents);
  for (const [what, hostility] of rows({ all: [...few, ...Object.entries(toCoordinators)], few })) {
    const { to = "agent", atMost = 200 } = hostility;
    test(`${what}: the ${to} names it, lives on in bounded memory, and ends when it is told to`, async () => {
      const server = createServer(tls, (request, response) => {
        const { url = "" } = request;
        if (url.includes("/leases")) answerLease(request, response).catch(() => response.destroy());
        else if (!url.startsWith("/api/v1/nodes?")) response.writeHead(404).end("{}");
        else if (url.includes("watch=true")) hostility.watch?.(response);
        else hostility.list(response);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const daemon = await start(to, (server.address() as AddressInfo).port);
      try {
        await daemon.waitForLine(hostility.told);
        const peak = peakMegabytes(daemon);
        assert.ok(peak < atMost, `${peak} MB`);
        daemon.kill("SIGTERM");
        assert.deepEqual(await daemon.exited(), { run: 1, code: 0 });
        for (const { text } of daemon.lines()) assert.ok(text.length < 1_000, text.slice(0, 1_000));
        logLines(
          daemon
            .lines()
            .map(({ text }) => `${text}\n`)
            .join(""),
        );
      } finally {
        await daemon.stop();
        server.closeAllConnections();
        server.close();
      }
    });
  }
});

/** There is no Lease until somebody makes one, and what is written is kept by nobody. */
async function answerLease(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const missing = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
  if (request.method === "GET") return void response.writeHead(404).end(JSON.stringify(missing));
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const lease = JSON.parse(body) as { readonly metadata: object };
  const metadata = { ...lease.metadata, uid: "u", resourceVersion: `${pages++}` };
  response.end(JSON.stringify({ ...lease, metadata }));
}

async function start(command: "agent" | "coordinator", port: number): Promise<Daemon> {
  const agentOnly = [`--reboot-command=${host.rebootCommand}`];
  return await startDaemon({
    host,
    cluster: { port, pki: { authority: { certificate: tls.cert } } },
    program: programUnderTest(),
    args: [
      command,
      "--metrics-host=127.0.0.1",
      `--metrics-port=${await freePort()}`,
      ...(command === "agent" ? agentOnly : []),
    ],
    environment: { KURED_POD_UID: "u", KURED_POD_NAME: "kured-1" },
    token: "test",
    signal,
  });
}

/** Writes for as long as the other end takes it. */
function pour(to: Writable, { head, over }: { readonly head: string; readonly over: string | (() => string) }): void {
  const more = (): void => {
    while (!to.destroyed && to.write(typeof over === "string" ? over : over()));
  };
  to.on("drain", more);
  to.on("error", () => undefined);
  to.write(head);
  more();
}

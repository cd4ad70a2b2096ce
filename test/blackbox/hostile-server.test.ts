import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { selfSigned } from "../../sim/apiserver/fronts/certificate.ts";
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
  readonly list: Answer;
  readonly watch?: Answer;
  /** What the log says of it. */
  readonly told: RegExp;
}

const listHead = '{"kind":"List","metadata":{"resourceVersion":"1"},"items":[';
const node = '{"metadata":{"name":"n1","uid":"u","resourceVersion":"1"}}';
const goodList: Answer = (response) => response.end(`${listHead}${node}]}`);

let pages = 0;

const hostilities: Readonly<Record<string, Hostility>> = {
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
    list: (response) =>
      response.end(
        `{"metadata":{"resourceVersion":"1","continue":"${pages++}"},"items":[${`${node},`.repeat(999)}${node}]}`,
      ),
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

describe("an API server that wants our memory", { concurrency: 6 }, () => {
  for (const [what, hostility] of Object.entries(hostilities)) {
    test(`${what}: the agent names it, lives on in bounded memory, and ends when it is told to`, async () => {
      const server = createServer(tls, (request, response) => {
        const { url = "" } = request;
        if (!url.startsWith("/api/v1/nodes?")) response.writeHead(404).end("{}");
        else if (url.includes("watch=true")) hostility.watch?.(response);
        else hostility.list(response);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const agent = await startAgent((server.address() as AddressInfo).port);
      try {
        await agent.waitForLine(hostility.told);
        assert.ok(peakMegabytes(agent) < 200, `${peakMegabytes(agent)} MB`);
        agent.kill("SIGTERM");
        assert.deepEqual(await agent.exited(), { run: 1, code: 0 });
        for (const { text } of agent.lines()) assert.ok(text.length < 1_000, text.slice(0, 1_000));
        logLines(
          agent
            .lines()
            .map(({ text }) => `${text}\n`)
            .join(""),
        );
      } finally {
        await agent.stop();
        server.closeAllConnections();
        server.close();
      }
    });
  }
});

async function startAgent(port: number): Promise<Daemon> {
  return await startDaemon({
    host,
    cluster: { port, pki: { authority: { certificate: tls.cert } } },
    program: programUnderTest(),
    args: [
      "agent",
      "--metrics-host=127.0.0.1",
      `--metrics-port=${await freePort()}`,
      `--reboot-command=${host.rebootCommand}`,
    ],
    environment: { KURED_POD_UID: "u", KURED_POD_NAME: "kured-1" },
    token: "test",
    signal,
  });
}

/** Writes for as long as the other end takes it. */
function pour(to: Writable, { head, over }: { readonly head: string; readonly over: string }): void {
  const more = (): void => {
    while (!to.destroyed && to.write(over));
  };
  to.on("drain", more);
  to.on("error", () => undefined);
  to.write(head);
  more();
}

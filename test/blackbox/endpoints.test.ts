import assert from "node:assert/strict";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { freePort } from "../controlplane/cluster/component.ts";
import { waitFor } from "../controlplane/waits.ts";
import { onStand } from "./stand.ts";

// What anybody who reaches the daemon's port can see and do.

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];
const paths = ["/metrics", "/healthz", "/readyz", "/", "/reboot", "/debug/pprof/", "/..%2f..%2fetc/passwd", "/%00"];

test("the endpoints tell no secret, do nothing, whatever the method, and answer although callers never come to an end", async () => {
  await onStand({ nodes: ["n1"], signal }, async (stand) => {
    const port = await freePort();
    const secrets = ["hooks-password", "slack-secret"];
    const daemon = await stand.startClassic("n1", {
      args: [`--metrics-port=${port}`, "--notify-url=generic://user:hooks-password@127.0.0.1:1/path"],
      environment: { KURED_SLACK_HOOK_URL: "http://127.0.0.1:1/services/slack-secret" },
    });
    await untilReady(port);
    const slow = Array.from({ length: 150 }, () => slowCaller(port));
    const told: string[] = [];
    for (const path of paths) {
      for (const method of methods) {
        const { status, text } = await ask(port, { path, method, says: "said-by-the-caller" });
        assert.equal(status, paths.indexOf(path) < 3 ? 200 : 404, `${method} ${path}`);
        told.push(text);
      }
    }
    const hungUp = slow.filter(({ destroyed }) => destroyed).length;
    assert.ok(hungUp >= 50, `a hundred callers at once, but only ${hungUp} of 150 had to make room`);
    const dripping = async (): Promise<boolean> => {
      const left = slow.filter(({ destroyed }) => !destroyed);
      for (const socket of left) socket.write("x");
      assert.equal((await ask(port, { path: "/healthz" })).status, 200);
      return left.length === 0;
    };
    await waitFor("everybody who is slow to be hung up on", dripping, { signal, timeoutMs: 12_000 });
    const all = [...told, ...daemon.lines().map(({ text }) => text)].join("\n");
    assert.match(all, /process_resident_memory_bytes/);
    for (const one of [...secrets, "said-by-the-caller"]) assert.ok(!all.includes(one), `${one} is told`);
    assert.equal(daemon.runs(), 1);
    assert.deepEqual(await stand.host("n1").reboots(), []);
    assert.deepEqual(stand.requests().filter(isRequestToDisrupt), []);
  });
});

/** A cordon, an eviction, the lock. */
function isRequestToDisrupt({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return (method === "PUT" && path.includes("daemonsets")) || path.endsWith("/eviction") || method === "DELETE";
}

function slowCaller(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.on("close", () => socket.destroy());
  socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\nA: ");
  return socket;
}

async function untilReady(port: number): Promise<void> {
  const healthy = async () => (await ask(port, { path: "/readyz" }).catch(() => undefined))?.status === 200;
  await waitFor("the daemon to be ready", healthy, { signal });
}

interface Asked {
  readonly path: string;
  readonly method?: string;
  /** In a header and in the body. */
  readonly says?: string;
}

async function ask(
  port: number,
  { path, method = "GET", says = "" }: Asked,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = says === "" ? {} : { "x-said": says, "content-length": says.length };
  const outgoing = request({ host: "127.0.0.1", port, agent: false, path, method, headers, timeout: 2_000 });
  outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
  outgoing.end(says);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}

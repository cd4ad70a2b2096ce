import assert from "node:assert/strict";
import type { Proxy } from "../../controlplane/proxy.ts";
import type { ProxiedRequest } from "../../controlplane/proxy/requests.ts";

/** Whether an agent commits to a reboot with this request. */
export function isCommit({ method, body }: ProxiedRequest): boolean {
  return method === "PATCH" && body.includes('\\"commanded\\"') && body.includes("/spec/unschedulable");
}

/** The API server applies the next commit, its answer breaks off, and nothing can be read from then on. */
export function loseCommitsAnswer(proxy: Proxy): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let lost = false;
  proxy.plan({
    matches: (request) => {
      const hit = !lost && isCommit(request);
      if (hit) lost = true;
      if (hit) resolve();
      return hit;
    },
    fault: { kind: "cut" },
  });
  proxy.plan({ matches: () => lost, fault: { kind: "drop" }, times: 1_000 });
  return promise;
}

/** Whether a watch of this Node was followed by a list at once: an agent that starts asks for the Node first. */
export function listedAnew(proxy: Proxy, node: string): boolean {
  const reads = proxy.requests().filter(({ method, path, status }) => {
    return method === "GET" && path.includes(node) && status !== undefined;
  });
  return reads.some(({ path, isWatch }, index) => {
    return !isWatch && path.includes("limit=") && reads[index - 1]?.isWatch === true;
  });
}

/** The API server was asked for each kind again after the outage, and at the end every watch was open. */
export function assertAllWatchesGoOn(proxy: Proxy): void {
  const watches = proxy.requests().filter(({ isWatch }) => isWatch);
  for (const kind of ["/api/v1/nodes", "/daemonsets"]) {
    const last = watches.findLast(({ path }) => path.includes(kind));
    assert.equal(last?.status, 200, `the last watch of ${kind}`);
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createEndpoints } from "./endpoints.ts";
import type { Check } from "./endpoints.ts";
import { families } from "./families.ts";
import { createMetrics } from "./metrics.ts";

function endpoints({ health = [], readiness = [] }: { health?: readonly Check[]; readiness?: readonly Check[] }) {
  const metrics = createMetrics(families);
  metrics.set("kured_reboot_required", { labels: { node: "n1" }, value: 1 });
  const handler = createEndpoints({ metrics, health, readiness });
  return (path: string, accept?: string) =>
    handler({ method: "GET", path, headers: accept === undefined ? {} : { accept } });
}

test("metrics are served in the format that the client asks for", async () => {
  const get = endpoints({});
  const classic = await get("/metrics");
  assert.equal(classic.status, 200);
  assert.equal(classic.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  assert.ok(classic.body.endsWith('kured_reboot_required{node="n1"} 1\n'));
  const open = await get("/metrics", "application/openmetrics-text;version=1.0.0");
  assert.match(open.headers["content-type"] ?? "", /^application\/openmetrics-text; version=1\.0\.0/);
  assert.ok(open.body.endsWith("# EOF\n"));
});

test("health and readiness are separate, and say what is wrong", async () => {
  const right: Check = { name: "loop", fault: () => undefined };
  const late: Check = { name: "watch nodes", fault: () => "no news for 90 s" };
  const broken: Check = {
    name: "leader",
    fault: () => {
      throw new Error("boom");
    },
  };
  const get = endpoints({ health: [right], readiness: [right, late, broken] });
  assert.deepEqual(await get("/healthz").then(({ status, body }) => [status, body]), [200, "ok\n"]);
  assert.deepEqual(await get("/readyz").then(({ status, body }) => [status, body]), [
    503,
    "watch nodes: no news for 90 s\nleader: Error: boom\n",
  ]);
});

test("any other path is not found, in kured's words", async () => {
  for (const path of ["/", "/metrics/", "/healthz/x", "/debug/pprof"]) {
    const { status, body } = await endpoints({})(path);
    assert.deepEqual([status, body], [404, "404 page not found\n"]);
  }
});

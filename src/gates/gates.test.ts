import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { answer, failure, scriptedServer, type Script } from "../../test/kube/server.ts";
import type { GateState } from "../core/policy/gate.ts";
import { machineClock } from "../host/clock.ts";
import { machineWeb } from "../host/network/web.ts";
import { loadExpressions } from "./expression.ts";
import { GateError } from "./gate.ts";
import { gateFor, type GateOptions } from "./registry.ts";

/** Alerts by name, each firing unless it is among the pending ones. */
function vector(names: readonly string[], pending: readonly string[] = []) {
  const result = names.map((alertname) =>
    sample({ alertname, alertstate: pending.includes(alertname) ? "pending" : "firing" }),
  );
  return { status: "success", data: { resultType: "vector", result } };
}

function sample(metric: Readonly<Record<string, string>>, value = "1") {
  return { metric: { __name__: "ALERTS", ...metric }, value: [1622472933.973, value] };
}

const five = vector(
  ["GatekeeperViolations", "PodCrashing-dev", "PodRestart-dev", "PrometheusTargetDown", "ScheduledRebootFailing"],
  ["ScheduledRebootFailing"],
);
const onlyPending = (name: string) => vector([name], [name]);

type Filters = Partial<Omit<Extract<GateOptions, { kind: "alerts" }>, "kind">>;

/** What the gate says of a Prometheus that behaves so. */
async function alertsOf(t: TestContext, script: Script, filters: Filters = {}): Promise<GateState> {
  const server = await scriptedServer(t, script);
  return await askOnce(alertsOptions(server.url, filters), server);
}

/** Of a gate that every alert closes. */
function alertsOptions(url: string, filters: Filters = {}): GateOptions {
  return { kind: "alerts", url, filter: undefined, matchOnly: false, firingOnly: false, ...filters };
}

async function askOnce(options: GateOptions, { client }: Pick<Awaited<ReturnType<typeof scriptedServer>>, "client">) {
  const clock = machineClock();
  const gate = await gateFor(options, { client, clock, web: machineWeb({ env: {}, userAgent: "kured/test" }) });
  return await gate.ask({ node: "n1", signal: new AbortController().signal });
}

function saysAlerts(names: readonly string[]): GateState {
  if (names.length === 0) return { kind: "open" };
  return { kind: "closed", by: "alert", detail: `${names.length} active alerts: [${names.join(" ")}]` };
}

const all = ["GatekeeperViolations", "PodCrashing-dev", "PodRestart-dev", "PrometheusTargetDown"];
const filterRows: readonly (readonly [string, object, Filters, readonly string[]])[] = [
  ["an empty expression ignores every alert", five, { filter: "" }, []],
  [
    "an expression names alerts to ignore",
    five,
    { filter: "Pod" },
    [all[0] ?? "", all[3] ?? "", "ScheduledRebootFailing"],
  ],
  [
    "with match-only it names those that count",
    five,
    { filter: "Gatekeeper", matchOnly: true },
    ["GatekeeperViolations"],
  ],
  ["without an expression every alert counts", five, {}, [...all, "ScheduledRebootFailing"]],
  ["match-only without an expression changes nothing", five, { matchOnly: true }, [...all, "ScheduledRebootFailing"]],
  ["with firing-only pending alerts do not count", five, { firingOnly: true }, all],
  ["a pending alert counts", onlyPending("ScheduledRebootFailing"), {}, ["ScheduledRebootFailing"]],
  ["an ignored pending alert does not count", onlyPending("RebootRequired"), { filter: "RebootRequired" }, []],
  [
    "with match-only a pending alert counts too",
    onlyPending("RebootRequired"),
    { filter: "RebootRequired", matchOnly: true },
    ["RebootRequired"],
  ],
  ["with match-only an empty expression lets every alert count", vector(["A"]), { filter: "", matchOnly: true }, ["A"]],
  ["an expression is RE2", vector(["NodeDown", "watchdog"]), { filter: "(?i)^[[:upper:]]atchdog\\z" }, ["NodeDown"]],
  ["the same alert twice is one", vector(["B", "A", "B"]), {}, ["A", "B"]],
];

for (const [says, body, filters, names] of filterRows)
  test(`alerts: ${says}`, async (t) => {
    assert.deepEqual(await alertsOf(t, (_, response) => answer(response, 200, body), filters), saysAlerts(names));
  });

test("alerts: a series that is zero or has no name of an alert does not count, and one that is no number does", async (t) => {
  const result = [sample({ alertname: "Over" }, "0"), sample({ alertname: "Odd" }, "NaN"), sample({ job: "x" })];
  const body = { status: "success", data: { resultType: "vector", result } };
  assert.deepEqual(await alertsOf(t, (_, response) => answer(response, 200, body)), saysAlerts(["Odd"]));
});

test("alerts: of twelve ten are named", async (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `n${String(at + 1).padStart(2, "0")}`);
  const state = await alertsOf(t, (_, response) => answer(response, 200, vector(names)));
  assert.ok(state.kind === "closed");
  assert.equal(state.detail, `12 active alerts: [${names.slice(0, 10).join(" ")} ...]`);
});

const failures: readonly (readonly [string, Script, RegExp])[] = [
  ["a broken server", (_, response) => answer(response, 500, five), /^server_error: server error: 500$/],
  ["a wrong path", (_, response) => answer(response, 404, five), /^client_error: client error: 404$/],
  [
    "a matrix",
    (_, response) => answer(response, 200, { status: "success", data: { resultType: "matrix", result: [] } }),
    /^unexpected value type "matrix"$/,
  ],
  [
    "a scalar",
    (_, response) => answer(response, 200, { status: "success", data: { resultType: "scalar", result: [1, "1"] } }),
    /^unexpected value type "scalar"$/,
  ],
  [
    "an error of the query",
    (_, response) => answer(response, 400, { status: "error", errorType: "bad_data", error: "no such thing" }),
    /^bad_data: no such thing$/,
  ],
  [
    "a page for people",
    (_, response) => response.end("<html>Log in</html>"),
    /^bad_response: not a JSON object: <html>/,
  ],
  ["half an answer", (_, response) => response.end('{"status":"succ'), /^bad_response/],
  [
    "a list that is none",
    (_, response) => answer(response, 200, { status: "success", data: { resultType: "vector" } }),
    /^bad_response/,
  ],
  [
    "a sample that is none",
    (_, response) =>
      answer(response, 200, { status: "success", data: { resultType: "vector", result: [{ metric: {} }] } }),
    /^bad_response: no sample/,
  ],
  ["a closed connection", (_, response) => void response.destroy(), /./],
];

for (const [what, script, message] of failures)
  test(`alerts: ${what} is no answer, and so no reboot`, async (t) => {
    await assert.rejects(alertsOf(t, script), (error) => error instanceof GateError && message.test(error.message));
  });

test("alerts: an address that is none is a failure of each check and never tells the password in it", async (t) => {
  for (const url of ["broken_url", "ftp://user:secret@host"])
    await assert.rejects(
      alertsOf(t, () => undefined, { url }),
      (error) => error instanceof GateError && !error.message.includes("secret"),
    );
});

for (const status of [405, 501])
  test(`alerts: the query is a form, and where POST is refused with ${status} a GET with the same parameters`, async (t) => {
    const server = await scriptedServer(t, (request, response) =>
      request.method === "POST" ? answer(response, status, {}) : answer(response, 200, vector([])),
    );
    const url = `${server.url.replace("http://", "http://me:pass%20word@")}/prefix//`;
    await askOnce(alertsOptions(url), server);
    const [post, get] = server.seen;
    assert.deepEqual([post?.method, post?.path, post?.query.size], ["POST", "/prefix/api/v1/query", 0]);
    assert.equal(post?.headers["content-type"], "application/x-www-form-urlencoded");
    assert.match(post?.body ?? "", /^query=ALERTS&time=\d{10}\.\d{3}$/);
    assert.deepEqual([get?.method, get?.path, get?.query.toString()], ["GET", "/prefix/api/v1/query", post?.body]);
    const basic = `Basic ${Buffer.from("me:pass word").toString("base64")}`;
    assert.deepEqual([post?.headers.authorization, get?.headers.authorization], [basic, basic]);
  });

test("alerts: a Prometheus that never answers ends with the caller's deadline", async (t) => {
  const server = await scriptedServer(t, () => undefined);
  const parts = { client: server.client, clock: machineClock(), web: machineWeb({ env: {}, userAgent: "kured/test" }) };
  const gate = await gateFor(alertsOptions(server.url), parts);
  const late = new Error("too late");
  const ending = new AbortController();
  const asked = gate.ask({ signal: ending.signal });
  ending.abort(late);
  await assert.rejects(asked, late);
});

const podList = (names: readonly string[]) => ({
  apiVersion: "meta.k8s.io/v1",
  kind: "PartialObjectMetadataList",
  metadata: { resourceVersion: "5" },
  items: names.map((name) => ({ metadata: { name, namespace: "shop", uid: name, resourceVersion: "1" } })),
});

test("pods: each selector is one list of the node's pods that have not ended, up to the first that matches", async (t) => {
  const server = await scriptedServer(t, (request, response) =>
    answer(response, 200, podList(request.query.get("labelSelector") === "app=batch,tier=2" ? ["b1", "b2"] : [])),
  );
  const selectors = ["runtime=long", "app=batch,tier=2", "never=asked"];
  assert.deepEqual(await askOnce({ kind: "pods", selectors }, server), {
    kind: "closed",
    by: "pod",
    detail: "matching pods: [b1 b2]",
  });
  assert.deepEqual(
    server.seen.map(({ path, query }) => [path, query.get("labelSelector")]),
    [
      ["/api/v1/pods", "runtime=long"],
      ["/api/v1/pods", "app=batch,tier=2"],
    ],
  );
  assert.equal(
    server.seen[0]?.query.get("fieldSelector"),
    "spec.nodeName=n1,status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown",
  );
});

test("pods: of twelve ten are named", async (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `b${at}`);
  const server = await scriptedServer(t, (_, response) => answer(response, 200, podList(names)));
  const state = await askOnce({ kind: "pods", selectors: ["a=b"] }, server);
  assert.equal(state.kind === "closed" && state.detail, `matching pods: [${names.slice(0, 10).join(" ")} ...]`);
});

test("pods: without a match the gate is open, and what the API server refuses is no answer", async (t) => {
  const open = await scriptedServer(t, (_, response) => answer(response, 200, podList([])));
  assert.deepEqual(await askOnce({ kind: "pods", selectors: ["a=b"] }, open), { kind: "open" });
  const refusing = await scriptedServer(t, (_, response) => answer(response, 400, failure(400, "BadRequest")));
  await assert.rejects(askOnce({ kind: "pods", selectors: ["a=b"] }, refusing), GateError);
});

test("an expression that Go refuses is refused in Go's words", async () => {
  const compile = await loadExpressions();
  const messages = ["*", "(", "(?=x)", "\\1"].map((text) => {
    const compiled = compile(text);
    return compiled.kind === "invalid" ? compiled.message : "taken";
  });
  assert.deepEqual(messages, [
    "error parsing regexp: missing argument to repetition operator: `*`",
    "error parsing regexp: missing closing ): `(`",
    "error parsing regexp: invalid or unsupported Perl syntax: `(?=`",
    "error parsing regexp: invalid escape sequence: `\\1`",
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { exampleFleet, fleet, locked, recorded, reported, required, secondsAgo, told } from "../../test/cli/fleet.ts";
import type { Fleet } from "../../test/cli/fleet.ts";
import { isJsonObject } from "../core/json.ts";
import { status } from "./status.ts";

async function shown(shownFleet: Fleet, ...argv: readonly string[]): Promise<string> {
  const end = await shownFleet.run(status, "status", ...argv);
  assert.ok(end.kind === "shown", end.kind === "failed" ? end.sentence : "");
  return end.text;
}

/** The lines that begin with these words. */
function linesOf(text: string, ...words: readonly string[]): readonly string[] {
  return text.split("\n").filter((line) => words.some((word) => line.startsWith(word)));
}

test("a fleet in every kind of state: what needs a person first, then work, then waiting, then the quiet", async () => {
  const all = fleet();
  all.daemonSet(locked({ nodeID: "n6" }));
  all.lease();
  all.node("n1", { ...required(), ...told([{ code: "Queued", ahead: 2 }], { sinceMs: secondsAgo(3) }) });
  all.node("n2", { ...required(), ...told([{ code: "Queued", ahead: 1 }], { sinceMs: secondsAgo(7_300) }) });
  all.node("n3", reported());
  all.node("n4", {});
  all.node("n5", {
    ...reported({ need: "unknown", evidence: "the command sh ended with 127", sinceMs: secondsAgo(60) }),
  });
  all.node("n6", {
    ...required(),
    ...recorded({ phase: "rebooting" }),
    ...told([{ code: "Rebooting", untilMs: secondsAgo(-300) }]),
  });
  all.node("n7", { ...required(), ...told([{ code: "Failed", detail: "the command does not exist" }]) });
  all.node("n8", required({ sinceMs: secondsAgo(20) }));
  all.node("n9", { ...required(), ...recorded() });
  assert.equal(
    await shown(all),
    `NODE  STATE            SINCE  NEED     REASON
n7    Failed           4min   yes      The reboot failed: the command does not
                                       exist.
n5    SentinelUnknown  60s    unknown  Whether a reboot is required cannot be
                                       told, so there will be none: the command
                                       sh ended with 127.
n8    Undecided        20s    yes      A reboot is required
                                       (/var/run/reboot-required exists), but no
                                       verdict is told: nobody has decided.
n4    AgentMissing     -      -        No live agent speaks for this node: no
                                       agent has reported from it yet.
n9    Undecided        -      yes      Its maintenance has begun, but no verdict
                                       is told about it: nobody decides for this
                                       node.
n6    Rebooting        4min   yes      The reboot was commanded; the machine
                                       should be back by
                                       2026-01-01T12:05:00.000Z.
n2    Queued           2h     yes      One node has needed a reboot for longer
                                       and goes first.
n1    Queued           3s     yes      2 nodes have needed a reboot for longer
                                       and go first.
n3    NotRequired      20d    no       No reboot is required: /var/run/reboot-r…

Nodes          9, of which 5 to look at, 1 in work, 2 waiting, 1 quiet
Lock           held by n6 for 4 min (since 2026-01-01T11:55:58Z), until
               2026-01-01T12:25:58Z
Fleet pause    none
Coordinator    kured-7d4f-x2x9p leads (term 4); last sign of life 2 s ago
`,
  );
});

test("a fleet without a node, a DaemonSet or a Lease says what it has looked for", async () => {
  assert.equal(
    await shown(fleet(), "--ds-namespace=ops", "--ds-name=reboots", "--lease-name=leader"),
    `Nodes          0, of which 0 to look at, 0 in work, 0 waiting, 0 quiet
Lock           there is no DaemonSet ops/reboots, so no lock either;
               --ds-namespace and --ds-name say which one
Fleet pause    unknown
Coordinator    there is no Lease ops/leader, so no coordinator; classic daemons
               decide each for its own node
`,
  );
});

test("a coordinator that has not given a sign of life for longer than it promised is told as gone", async () => {
  const dead = fleet();
  dead.daemonSet();
  dead.lease({ renewedAtMs: secondsAgo(16) });
  assert.deepEqual(linesOf(await shown(dead), "Coordinator", "      "), [
    "Coordinator    nobody leads: of kured-7d4f-x2x9p, last sign of life 16 s ago,",
    "               although it promised one every 15 s. What is told may not be true",
    "               any more",
  ]);
  const late = fleet();
  late.lease({ renewedAtMs: secondsAgo(15) });
  assert.match(await shown(late), /kured-7d4f-x2x9p leads \(term 4\); last sign of life 15 s ago/);
  const given = fleet();
  given.lease({ holder: "" });
  assert.match(await shown(given), /nobody leads: the Lease was given back; last sign of life 2 s\s+ago/);
  const ahead = fleet();
  ahead.lease({ renewedAtMs: secondsAgo(-60) });
  assert.match(await shown(ahead), /last sign of life 60 s in the\s+future of this machine's clock/);
});

test("what may not be read is told, and the nodes are shown all the same", async () => {
  const classicRights = fleet({ authorize: ({ resource }) => resource === "nodes" });
  classicRights.node("n1", reported());
  const text = await shown(classicRights);
  assert.match(text, /^n1 +NotRequired/m);
  assert.match(text, /Lock +unknown, because the DaemonSet kube-system\/kured cannot be read/);
  assert.match(text, /Coordinator +unknown, because the Lease kube-system\/kured cannot be read/);
});

test("nodes that may not be listed are a failure that names the server and the API server's own words", async () => {
  const end = await fleet({ authorize: () => false }).run(status, "status");
  assert.ok(end.kind === "failed");
  assert.match(
    end.sentence,
    /^The nodes could not be read from https:\/\/10\.0\.0\.1:6443, context "prod": .*cannot list resource "nodes"/,
  );
});

test("an API server that does not answer is a failure that says so", async () => {
  const end = await fleet({ faults: () => ({ kind: "unreachable" }) }).run(status, "status");
  assert.deepEqual(end, {
    kind: "failed",
    sentence:
      'The nodes could not be read from https://10.0.0.1:6443, context "prod": the API server cannot be reached: The connection was refused',
  });
});

test("locks of every form are told by what stands there", async () => {
  const list = { nodeID: "a", created: "2026-01-01T11:59:00Z", TTL: 0 };
  for (const [text, told_] of [
    [
      '{"nodeID":"manual"}',
      "held by manual since an unknown time: by hand or by a kured before 1.6, until somebody removes it",
    ],
    ['{"nodeID":""}', 'held by "" since an unknown time: by hand or by a kured before 1.6, until somebody removes it'],
    [JSON.stringify(list), "held by a for 60 s (since 2026-01-01T11:59:00Z), without end"],
    ["{}]", 'a pause, because it cannot be read (not JSON): "{}]"'],
    [JSON.stringify({ maxOwners: 2, locks: [] }), "free"],
    [
      JSON.stringify({ maxOwners: 2, locks: [list, { ...list, nodeID: "b", TTL: 30_000_000_000 }] }),
      "held by a for 60 s (since 2026-01-01T11:59:00Z), without end (of 2 places) " +
        "held by b for 60 s (since 2026-01-01T11:59:00Z), over since 2026-01-01T11:59:30Z (30 s) (of 2 places)",
    ],
    [
      JSON.stringify({ ...list, TTL: 9_223_372_036_854_775_000 }).replace("9223372036854775000", "9223372036854775807"),
      "held by a for 60 s (since 2026-01-01T11:59:00Z), until 2318-04-13T11:46:16Z",
    ],
  ] as const) {
    const one = fleet();
    one.daemonSet({ "weave.works/kured-node-lock": text });
    const [, lock = ""] = /\nLock([^]*)\nFleet pause/.exec(await shown(one)) ?? [];
    assert.equal(lock.replaceAll("\nLock", " ").replace(/\s+/g, " ").trim(), told_);
  }
});

test("a pause of the fleet is told with its end and its reason, and as over when it is", async () => {
  for (const [text, pause] of [
    ["true", "until somebody removes it, without a reason"],
    ["freeze", "until somebody removes it, because: freeze"],
    ['{"until":"2026-01-01T13:00:00Z","reason":"release"}', "until 2026-01-01T13:00:00Z, in 60 min, because: release"],
    ["2026-01-01T11:00:00Z", "over since 2026-01-01T11:00:00Z, without a reason"],
    ["false", "none"],
  ] as const) {
    const one = fleet();
    one.daemonSet({ "kured.dev/pause": text });
    assert.deepEqual(linesOf(await shown(one), "Fleet pause"), [`Fleet pause    ${pause}`]);
  }
});

test("annotations that are not ours are told with their text, and never hide the node", async () => {
  const odd = fleet();
  odd.node("n1", { "kured.dev/verdict": "done!", ...reported() });
  odd.node("n2", { "kured.dev/verdict": '{"code":"Queued"}' });
  odd.node("n3", { "kured.dev/report": "[]" });
  odd.node("n4", { ...reported(), "kured.dev/maintenance": "{" });
  odd.node("n5", {
    "kured.dev/verdict":
      '{"code":"Levitating","since":"2026-01-01T11:59:00Z","decided":"2026-01-01T11:59:00Z","reasons":7}',
  });
  odd.node("n6", {
    "kured.dev/verdict":
      '{"code":"constructor","since":"2026-01-01T11:59:50Z","decided":"2026-01-01T11:59:00Z","reasons":[]}',
  });
  const text = (await shown(odd)).replace(/\n {20,}/g, " ");
  assert.deepEqual(linesOf(text, "n"), [
    "n5    Levitating        60s    -     The verdict gives no reason.",
    "n6    constructor       10s    -     The verdict gives no reason.",
    'n1    Undecided         -      no    The annotation kured.dev/verdict is not a verdict: "done!".',
    'n2    Undecided         -      -     The annotation kured.dev/verdict is not a verdict: "{\\"code\\":\\"Queued\\"}".',
    'n3    ReportUnreadable  -      -     The annotation kured.dev/report is not an agent\'s (it is not a JSON object): "[]".',
    "n4    Undecided         -      no    Its maintenance has begun, but no verdict is told about it: nobody decides for this node.",
  ]);
});

test("no text from the cluster reaches the terminal as anything but text", async () => {
  const hostile = "\u001b[2J\u001b]0;owned\u0007\u009b31m\r\n\u202egnp\u0000\ud800";
  const bad = fleet();
  bad.daemonSet({ "weave.works/kured-node-lock": JSON.stringify({ nodeID: hostile }), "kured.dev/pause": hostile });
  bad.lease({ holder: hostile });
  bad.node("n1", { ...reported({ evidence: hostile }) });
  bad.node("n2", told([{ code: "Returning", detail: hostile }]));
  bad.node("n3", { "kured.dev/verdict": hostile });
  bad.node("n4", { "kured.dev/report": hostile });
  const verdict = { code: hostile, since: "2026-01-01T11:59:00Z", decided: "2026-01-01T11:59:00Z" };
  bad.node("n5", { "kured.dev/verdict": JSON.stringify(verdict) });
  for (const argv of [[], ["-o", "json"]]) {
    const text = await shown(bad, ...argv);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{C}\p{Zl}\p{Zp}]/u);
    assert.ok(text.includes("owned"), "the harmless part is shown");
  }
});

test("lines fit the terminal whatever the names are, and the reason moves below where it has no room", async () => {
  const name = "ip-10-0-112-134.eu-central-1.compute.internal.example";
  for (const width of [60, 80, 160]) {
    const wide = fleet({ width });
    wide.node(name, { ...required(), ...told([{ code: "StillRequired", evidence: "x".repeat(300) }]) });
    wide.node("n2", { ...required(), ...told([{ code: "Closing", detail: "its lock is released" }]) });
    const text = await shown(wide);
    const [table = ""] = text.split("\n\n");
    const rest = text.slice(table.length).split("\n");
    for (const line of rest) assert.ok(line.length <= width, line);
    const reasons = table.split("\n").filter((line) => line.startsWith("  "));
    for (const line of reasons) assert.ok(line.length <= width, line);
    assert.match(text, /x…$/m);
    if (width < 100) assert.match(table, /^n2 .* yes\n {4}The node is given back: its lock is released\.$/m);
    else assert.match(table, /^n2 .* yes {3}The node is given back: its lock is released\.$/m);
  }
});

test("JSON holds the same for machines, under names that stay", async () => {
  const parsed: unknown = JSON.parse(await shown(exampleFleet(), "--output=json"));
  assert.ok(isJsonObject(parsed));
  assert.deepEqual(Object.keys(parsed), ["at", "coordinator", "lock", "fleetPause", "nodes"]);
  const nodes: unknown = parsed["nodes"];
  assert.ok(Array.isArray(nodes));
  const names = nodes.map((node: unknown) =>
    isJsonObject(node) ? [node["name"], node["state"], node["urgency"]] : [],
  );
  assert.deepEqual(names, [
    ["worker-2", "DrainBlocked", "attention"],
    ["worker-3", "Queued", "waiting"],
    ["worker-1", "Held", "waiting"],
    ["control-1", "NotRequired", "quiet"],
  ]);
  for (const node of nodes as readonly unknown[]) {
    assert.ok(isJsonObject(node));
    assert.equal(
      Object.keys(node).join(" "),
      "name state urgency since reasons decided ready cordoned report maintenance pause hold",
    );
  }
});

test("a thousand nodes come in several pages and are all there", async () => {
  const large = fleet();
  for (let at = 0; at < 1_000; at += 1) large.node(`n${at}`, reported());
  const text = await shown(large);
  assert.equal(linesOf(text, "n").length, 1_000);
  assert.match(text, /^Nodes +1000, of which 0 to look at, 0 in work, 0 waiting, 1000 quiet$/m);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fleet, locked, lookedAtMs, recorded, reported, required, secondsAgo, told } from "../../test/cli/fleet.ts";
import type { Fleet } from "../../test/cli/fleet.ts";
import { phases } from "../core/fleet/record.ts";
import type { CommandResult } from "../core/fleet/report.ts";
import { isJsonObject } from "../core/json.ts";
import { explain } from "./explain.ts";

async function shown(shownFleet: Fleet, ...argv: readonly string[]): Promise<string> {
  const end = await shownFleet.run(explain, "explain", ...argv);
  assert.ok(end.kind === "shown", end.kind === "failed" ? end.sentence : "");
  return end.text;
}

/** One block of the text, its further lines joined to the first ones. */
function block(text: string, title: string): string {
  const found = text.split("\n\n").find((part) => part.startsWith(title)) ?? "";
  return found.replace(/\n {5,}/g, " ").trim();
}

test("a node whose reboot failed is explained with everything that stands about it", async () => {
  const one = fleet();
  one.daemonSet({ ...locked({ nodeID: "n1", TTL: 0 }), "kured.dev/pause": "release week" });
  one.lease();
  one.node(
    "n1",
    {
      ...required({
        commanded: {
          boot: "8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21/1234",
          approval: "m1/2/0b5e",
          result: { kind: "failed", reason: "/bin/systemctl ended with 1", shutdown: "no" },
        },
      }),
      ...recorded({
        phase: "draining",
        attempt: 2,
        drainedAtMs: secondsAgo(100),
        failure: { reason: "/bin/systemctl ended with 1", pod: "6f0c6a52-5d3f-4f0e-9d8c-1b1f0f6f2a11" },
      }),
      ...told(
        [
          { code: "Failed", detail: "/bin/systemctl ended with 1, and no shutdown is pending on the machine" },
          { code: "Paused", scope: "fleet", reason: "release week" },
        ],
        { sinceMs: secondsAgo(90) },
      ),
      "kured.dev/pause": '{"until":"2026-01-01T11:00:00Z","reason":"was for yesterday"}',
      "kured.dev/hold": "the database here is being moved by hand and nobody may touch it before that is over",
    },
    { ready: false, cordoned: true },
  );
  assert.equal(
    await shown(one, "n1"),
    `Node           n1: not Ready, cordoned
State          Failed for 90 s (since 2026-01-01T11:58:30Z)
Decided        12 s ago from nodes 0.3 s old and the lock 1 s old
Coordinator    kured-7d4f-x2x9p leads (term 4); last sign of life 2 s ago

The reasons, the decisive one first
  1. Failed: The reboot failed: /bin/systemctl ended with 1, and no shutdown is
     pending on the machine.
  2. Paused: The whole fleet is paused ("release week").

The agent's report
  need         a reboot is required, for 3 h (since 2026-01-01T09:00:00Z)
  evidence     /var/run/reboot-required exists
  boot         8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21/1234
  booted       2025-12-12T12:00:00Z
  pod          uid 6f0c6a52-5d3f-4f0e-9d8c-1b1f0f6f2a11
  commanded    a reboot of this boot, by approval m1/2/0b5e: the command failed
               (/bin/systemctl ended with 1); no shutdown is pending

The maintenance record
  phase        draining for 4 min (since 2026-01-01T11:56:00Z)
  owner        kube-system/kured
  id           m1, term 4
  cordon       ours
  attempt      approved 2 times
  lock entry   of 2026-01-01T11:55:58Z, in the lock for 4 min
  boot to end  8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21/1234
  drained      for 100 s (since 2026-01-01T11:58:20Z)
  failure      /bin/systemctl ended with 1 (pod
               6f0c6a52-5d3f-4f0e-9d8c-1b1f0f6f2a11)

What people have asked for
  pause        over since 2026-01-01T11:00:00Z, because: was for yesterday
  hold         until somebody removes it, because: the database here is being
               moved by hand and nobody may touch it before that is over
  fleet pause  until somebody removes it, because: release week

The annotation weave.works/kured-node-lock of the DaemonSet kube-system/kured
  lock         held by n1 for 4 min (since 2026-01-01T11:55:58Z), without end
`,
  );
});

test("a node on which no agent has reported is explained as that", async () => {
  const one = fleet();
  one.daemonSet();
  one.node("n1");
  assert.equal(
    await shown(one, "n1"),
    `Node           n1: Ready, schedulable
State          AgentMissing
Decided        no verdict is told of this node; this is what stands on it
Coordinator    there is no Lease kube-system/kured, so no coordinator; classic
               daemons decide each for its own node

The reason
  1. AgentMissing: No live agent speaks for this node: no agent has reported
     from it yet.

The agent's report
  none         no agent has reported from this node

The maintenance record
  none         this node is not in maintenance

What people have asked for
  pause        none
  hold         none
  fleet pause  none

The annotation weave.works/kured-node-lock of the DaemonSet kube-system/kured
  lock         free
`,
  );
});

test("a node that needs nothing has no verdict, and its agent's report says why", async () => {
  const one = fleet();
  one.node("n1", reported());
  const text = await shown(one, "n1");
  assert.match(text, /State +NotRequired for 20 d/);
  assert.match(text, /Decided +no verdict is told of a node that needs nothing; this is what its\s+agent reports/);
  assert.equal(
    block(text, "The reason"),
    "The reason\n  1. NotRequired: No reboot is required: /var/run/reboot-required does not exist.",
  );
});

test("annotations that cannot be read are shown with their text, shortened", async () => {
  const one = fleet();
  one.daemonSet({ "weave.works/kured-node-lock": `{"nodeID":${"9".repeat(500)}}` });
  one.node("n1", { "kured.dev/report": "yes\u001b[31m", "kured.dev/maintenance": `{"owner":"${"o".repeat(500)}"}` });
  const text = await shown(one, "n1");
  assert.match(block(text, "The agent's report"), /^ {2}unreadable +Unexpected token .*: "yes\\x1b\[31m"$/m);
  assert.match(block(text, "The maintenance record"), /lock is missing: "\{\\"owner\\":\\"[o ]{180,}…"$/m);
  assert.match(
    block(text, "The annotation"),
    /a pause, because it cannot be read \(nodeID is not a string\): "\{.*…"$/,
  );
  assert.ok(text.length < 3_000);
});

test("what became of a commanded reboot is told in words", async () => {
  const results: readonly (readonly [CommandResult | undefined, string])[] = [
    [undefined, "no result yet"],
    [{ kind: "accepted" }, "the command said yes"],
    [
      { kind: "failed", reason: "ended with 1", shutdown: "no" },
      "the command failed (ended with 1); no shutdown is pending",
    ],
    [
      { kind: "hung", reason: "stopped after 60 s", shutdown: "yes" },
      "the command did not end and was stopped (stopped after 60 s); the machine is going down",
    ],
    [
      { kind: "interrupted", shutdown: "unknown" },
      "the agent ended before the command did; whether a shutdown is pending is not known",
    ],
    [{ kind: "notRun" }, "it was confirmed too late, so the command was not run"],
  ];
  for (const [result, words] of results) {
    const one = fleet();
    one.node("n1", required({ commanded: { boot: "b0", approval: "m1/1/0b5e", ...(result && { result }) } }));
    const report = block(await shown(one, "n1"), "The agent's report");
    assert.ok(report.endsWith(`commanded    the reboot of boot b0, by approval m1/1/0b5e: ${words}`), report);
  }
});

test("a record tells every phase, and whether the lock entry that it names is in the lock", async () => {
  for (const phase of phases) {
    const one = fleet();
    one.daemonSet(locked({ nodeID: "n2" }));
    const rest = { untilMs: lookedAtMs + 60_000, because: "the drain took too long" };
    one.node("n1", { ...required(), ...recorded({ phase, outcome: "withdrawn", cordon: "theirs", rest }) });
    const record = block(await shown(one, "n1"), "The maintenance record");
    assert.match(record, new RegExp(`^ {2}phase +${phase} for 4 min`, "m"));
    assert.match(record, /^ {2}lock entry +of 2026-01-01T11:55:58Z, which is not in the lock$/m);
    assert.match(record, /^ {2}cordon +somebody else's, so it stays$/m);
    assert.match(record, /^ {2}outcome +given up before any reboot$/m);
    assert.match(record, /^ {2}rests +until 2026-01-01T12:01:00Z, because: the drain took too long$/m);
  }
});

test("what was not seen when it was decided is told as that, and never as new", async () => {
  const one = fleet();
  one.node("n1", told([{ code: "LockUnknown", detail: "403" }], { ledgerAgeMs: -1 }));
  assert.match(await shown(one, "n1"), /^Decided +12 s ago from nodes 0\.3 s old and the lock not seen yet$/m);
});

test("a node that does not exist is a failure that names the server", async () => {
  for (const name of ["n2", "a/b", "\u001b[2J"]) {
    const end = await fleet().run(explain, "explain", name);
    const named = JSON.stringify(name).replace("\\u001b", "\\x1b");
    const sentence = `There is no node ${named} at https://10.0.0.1:6443, context "prod"`;
    assert.deepEqual(end, { kind: "failed", sentence });
  }
});

test("a node that may not be read, or a server that is silent, is a failure that says so", async () => {
  const refused = await fleet({ authorize: () => false }).run(explain, "explain", "n1");
  assert.ok(refused.kind === "failed");
  assert.match(refused.sentence, /^The node "n1" could not be read from https:.*cannot get resource "nodes"/);
  const silent = await fleet({ faults: () => ({ kind: "unreachable" }) }).run(explain, "explain", "n1");
  assert.ok(silent.kind === "failed");
  assert.match(silent.sentence, /the API server cannot be reached: The connection was refused$/);
});

test("a proxy's page in place of the API server's answer is told as such, and not as a missing node", async () => {
  const faults = () =>
    ({ kind: "answered", status: 404, headers: {}, body: "<html>\u001b[2Jnot here</html>" }) as const;
  const end = await fleet({ faults }).run(explain, "explain", "n1");
  assert.ok(end.kind === "failed");
  assert.match(end.sentence, /answered 404 with something that is not JSON: <html>.*not here/);
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(end.sentence, /\u001b/);
});

test("no line is longer than the terminal, and none has blanks at its end", async () => {
  for (const width of [60, 80, 120]) {
    const one = fleet({ width });
    one.daemonSet({ "weave.works/kured-node-lock": `{"nodeID":"${"long".repeat(60)}"}` });
    one.lease({ holder: "coordinator".repeat(30) });
    one.node("n1", {
      ...required({ evidence: "e".repeat(700) }),
      ...recorded(),
      ...told([{ code: "BudgetFull", limit: 1, unavailable: Array.from({ length: 50 }, (_, at) => `node-${at}`) }]),
    });
    for (const line of (await shown(one, "n1")).split("\n")) {
      assert.ok(line.length <= width, `${width}: ${line}`);
      assert.equal(line, line.trimEnd());
    }
  }
});

test("JSON has one node under the names that status has", async () => {
  const one = fleet();
  one.daemonSet({ "weave.works/kured-node-lock": "nonsense" });
  one.node("n1", { "kured.dev/report": "{", "kured.dev/maintenance": "}", "kured.dev/hold": "2026-01-01T13:00:00Z" });
  const parsed: unknown = JSON.parse(await shown(one, "n1", "-o", "json"));
  assert.ok(isJsonObject(parsed) && isJsonObject(parsed["node"]));
  assert.deepEqual(Object.keys(parsed), ["at", "coordinator", "lock", "fleetPause", "node"]);
  assert.deepEqual(parsed["lock"], { reason: "not JSON", text: "nonsense", state: "unreadable", holders: [] });
  const { report, maintenance, hold, decided } = parsed["node"];
  assert.ok(isJsonObject(report) && isJsonObject(maintenance));
  assert.deepEqual([report["state"], report["text"]], ["unreadable", "{"]);
  assert.deepEqual([maintenance["state"], maintenance["text"]], ["unreadable", "}"]);
  assert.deepEqual([hold, decided], [{ reason: "", until: "2026-01-01T13:00:00.000Z" }, null]);
});

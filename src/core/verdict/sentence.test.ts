import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason, VerdictCode } from "./reason.ts";
import { sentence } from "./sentence.ts";

const at = Date.UTC(2026, 4, 5, 12);

/** Each code's reason and what an operator reads. */
const said: { readonly [Code in VerdictCode]: readonly [Omit<Extract<Reason, { code: Code }>, "code">, string] } = {
  NotRequired: [
    { evidence: "/run/reboot-required is not there" },
    "No reboot is required: /run/reboot-required is not there.",
  ],
  SentinelUnknown: [
    { evidence: "permission denied" },
    "Whether a reboot is required cannot be told, so there will be none: permission denied.",
  ],
  AgentMissing: [{ detail: "no agent has reported" }, "No live agent speaks for this node: no agent has reported."],
  CannotReboot: [
    { detail: "no such command" },
    "The node could not be rebooted, so it is not drained either: no such command.",
  ],
  ReportUnreadable: [
    { detail: "it is not JSON", text: "a\nb" },
    'The annotation kured.dev/report is not an agent\'s (it is not JSON): "a b".',
  ],
  RecordUnreadable: [
    { detail: "it is not JSON", text: "=stop" },
    'The annotation kured.dev/maintenance cannot be read (it is not JSON), so this node is left alone until somebody removes it: "=stop".',
  ],
  OwnedByOther: [{ owner: "other/kured" }, "The kured installation other/kured is at work on this node."],
  Paused: [
    { scope: "fleet", reason: "release week", untilMs: at },
    'The whole fleet is paused ("release week") until 2026-05-05T12:00:00.000Z.',
  ],
  Held: [{ reason: "" }, "This node is held."],
  OutsideWindow: [
    { window: "on Sundays", opensAtMs: at },
    "Reboots are allowed on Sundays; that opens at 2026-05-05T12:00:00.000Z.",
  ],
  LockedBy: [{ holders: ["n2"], detail: '"n2" holds it' }, 'The lock is not free: "n2" holds it.'],
  LockUnknown: [{ detail: "no answer" }, "The lock cannot be read: no answer."],
  BudgetFull: [
    { limit: 2, unavailable: ["n2 is cordoned", "n3 is not Ready"] },
    "At most 2 nodes may be unavailable, and n2 is cordoned and n3 is not Ready.",
  ],
  Queued: [{ ahead: 1 }, "One node has needed a reboot for longer and goes first."],
  RollOutStopped: [{ nodes: ["n2", "n3"] }, "Nothing is begun while n2 and n3 have not come back."],
  Resting: [
    { untilMs: at, because: "The drain did not end" },
    "The last try was given up (The drain did not end); the next is at 2026-05-05T12:00:00.000Z or soon after.",
  ],
  ViewTooOld: [{ what: "this node" }, "What is known of this node is too old to act on."],
  Claiming: [{}, "It is this node's turn: the lock is being taken."],
  Draining: [{ left: 1, pods: [] }, "Draining: 1 pod left."],
  DrainInfeasible: [
    { blocks: true, left: 1, pods: [{ pod: "shop/web-1", sentence: "PDB shop/web lets pod shop/web-1 never go." }] },
    "No drain is begun because of 1 pod: PDB shop/web lets pod shop/web-1 never go.",
  ],
  DrainBlocked: [
    {
      left: 2,
      pods: [
        { pod: "shop/web-1", sentence: "PDB shop/web: 1 healthy, needs 2" },
        { pod: "shop/db-0", sentence: "Admission says no." },
      ],
    },
    "The drain is blocked: 2 pods left: PDB shop/web: 1 healthy, needs 2. Admission says no.",
  ],
  DrainTimedOut: [{ afterMs: 60_000 }, "The drain did not end within 60 s, so the node is given back."],
  CordonLost: [{}, "Somebody took the cordon away while the node was being drained, so it is given back."],
  LockLost: [{}, "Our lock entry is gone, so the node is given back."],
  Drained: [{ detail: "the agent" }, "The node is drained and waits for the agent."],
  Approved: [{}, "The agent may reboot the machine now."],
  BlockedByAlert: [{ detail: "1 active alerts: [NodeDown]" }, "Reboot blocked: 1 active alerts: [NodeDown]."],
  BlockedByPod: [{ detail: "matching pods: [batch-1]" }, "Reboot blocked: matching pods: [batch-1]."],
  GateClosed: [{ gate: "calendar", detail: "a holiday" }, "Reboot blocked by the gate calendar: a holiday."],
  GateUnknown: [
    { gate: "alerts", detail: "no answer within 10 s" },
    "Reboot blocked, because the gate alerts cannot be asked: no answer within 10 s.",
  ],
  Rebooting: [{ untilMs: at }, "The reboot was commanded; the machine should be back by 2026-05-05T12:00:00.000Z."],
  RebootOverdue: [
    { sinceMs: at, detail: "nothing was heard" },
    "The machine has not come back since 2026-05-05T12:00:00.000Z: nothing was heard.",
  ],
  Failed: [{ detail: "exit code 1" }, "The reboot failed: exit code 1."],
  Returning: [{ detail: "the node to be Ready" }, "The machine has booted again and waits for the node to be Ready."],
  StillRequired: [
    { evidence: "the file is there" },
    "The machine was rebooted and still asks for it, so it is not rebooted again: the file is there.",
  ],
  Closing: [{ detail: "it is done" }, "The node is given back: it is done."],
  Done: [{}, "The machine was rebooted, is Ready, and needs no reboot any more."],
  NotLeading: [{ holder: "b" }, "The coordinator b leads; this one waits."],
};

for (const [code, [data, text]] of Object.entries(said)) {
  test(`${code} is said in one sentence`, () => assert.equal(sentence({ code, ...data } as Reason), text));
}

test("pods that have not been looked at are not counted, and a lock that is taken over is not said to be given back", () => {
  const pods = [{ pod: "", sentence: "The pods cannot be listed: 403." }];
  assert.equal(sentence({ code: "Draining", pods: [] }), "Draining: its pods are being looked at.");
  assert.equal(sentence({ code: "Draining", pods }), "Draining: The pods cannot be listed: 403.");
  assert.match(sentence({ code: "Claiming", adopts: true }), /^The lock has an entry of this node .* taken over/);
});

test("what a stranger wrote is cut and kept on one line", () => {
  const long = sentence({ code: "Held", reason: `x\u0000\n${"y".repeat(300)}` });
  assert.equal(long.includes("\n"), false);
  assert.ok(long.length < 240 && long.includes("…"));
});

test("of hundreds of nodes that are away ten are named, and the others counted", () => {
  const nodes = Array.from({ length: 500 }, (_, index) => `n${index + 1}`);
  const text = sentence({ code: "RollOutStopped", nodes });
  assert.equal(text, "Nothing is begun while n1, n2, n3, n4, n5, n6, n7, n8, n9, n10 and 490 more have not come back.");
});

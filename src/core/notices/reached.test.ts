import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { Attempt } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import { agentPod, answers, now, pod, podsAnswer, policy, record, reportReading } from "../testing/builders.ts";
import { approved, cordoned, drains, notified, reboots, run, told, written } from "../testing/notice-scenes.ts";

const busy = { answers: answers({ "pods/n1": podsAnswer([agentPod(), pod()]) }) };

describe("What people are to be told of stands in the record from the write that makes it so", () => {
  const gives = (fields: Partial<MaintenanceRecord>, facts: Partial<NodeFacts>, wanted?: Partial<Policy>) =>
    written(run({ record: fields, facts, ...(wanted && { policy: wanted }) }));
  const asks = { ...cordoned, report: reportReading({ nonce: "nonce-2" }) };
  const back = { ...cordoned, report: reportReading({ boot: "boot-2", pod: "agent-1", need: "notRequired" }) };
  const returns = { ...reboots, phase: "returning" } as const;

  test("the drain with the cordon, the reboot before its approval, the uncordon with the node's return", () => {
    assert.deepEqual(gives({}, {}), { step: "cordon", notices: { drain: "due" } });
    assert.deepEqual(gives({ ...drains, notices: { drain: "told" } }, asks), {
      step: "note",
      notices: { drain: "told", reboot: "due" },
    });
    assert.deepEqual(gives(returns, back), { step: "close", notices: { uncordon: "due" } });
  });

  test("an approval that is given anew is nothing new", () => {
    const notices = { drain: "told", reboot: "told" } as const;
    assert.deepEqual(gives({ ...drains, attempt: 1, notices }, asks), { step: "approve", notices });
  });

  test("somebody else's cordon that stays, and a node that is given back without a reboot, are not told", () => {
    assert.deepEqual(gives({ ...returns, cordon: "theirs" }, back), { step: "close", notices: undefined });
    const unneeded = { ...cordoned, report: reportReading({ need: "notRequired" }) };
    assert.deepEqual(gives(drains, unneeded), { step: "close", notices: undefined });
  });

  test("where there is nobody to tell, nothing is written about it", () => {
    assert.deepEqual(gives({}, {}, { notices: false }), { step: "cordon", notices: undefined });
    const nobody = run({
      record: { ...drains, notices: { drain: "due" } },
      facts: cordoned,
      policy: { notices: false },
    });
    assert.deepEqual(notified(nobody), []);
  });
});

describe("What is due is told", () => {
  test("in order, at once, and beside whatever else is done", () => {
    const { actions } = run({
      record: { ...drains, notices: { drain: "due", reboot: "due" } },
      facts: cordoned,
      view: busy,
    });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ["evict", "notify", "notify"],
    );
    assert.deepEqual(
      actions.flatMap((action) => (action.kind === "notify" ? [action.milestone, action.key] : [])),
      ["drain", "notify/n1/m1/drain", "reboot", "notify/n1/m1/reboot"],
    );
  });

  test("and not again while it is under way, or after it was told", () => {
    const fields = { ...drains, notices: { drain: "due" } } as const;
    const underWay = new Map([["notify/n1/m1/drain", { failures: 0, jitter: 0, inFlightSinceMs: 0 }]]);
    assert.deepEqual(notified(run({ record: fields, facts: cordoned, view: { ...busy, attempts: underWay } })), []);
    assert.deepEqual(notified(run({ record: fields, facts: cordoned, view: { ...busy, ...told("drain") } })), []);
  });
});

describe("That it was told is written down", () => {
  const due = { drain: "due" } as const;

  test("with what is written anyway", () => {
    const asks = { ...cordoned, report: reportReading({ nonce: "nonce-2" }) };
    assert.deepEqual(written(run({ record: { ...drains, notices: due }, facts: asks, view: told("drain") })), {
      step: "note",
      notices: { drain: "told", reboot: "due" },
    });
  });

  test("after half a minute in a write of its own, in which a doubt goes on", () => {
    const fields = { ...drains, doubtSinceMs: now.wallMs - 60_000, notices: due };
    const waits = { ...busy, ...told("drain"), answers: answers({ "pods/n1": podsAnswer([]) }) };
    const soon = run({ record: fields, facts: cordoned, view: waits });
    assert.equal(written(soon), undefined);
    assert.equal(soon.wakeAtMs, now.monotonicMs + 30_000);
    const { actions } = run({ record: fields, facts: cordoned, view: waits, laterMs: 30_000 });
    const [note] = actions;
    assert.ok(note?.kind === "writeRecord");
    assert.deepEqual(
      [note.step, note.record?.notices, note.record?.doubtSinceMs, note.record?.phaseSinceMs],
      ["note", { drain: "told" }, fields.doubtSinceMs, record().phaseSinceMs],
    );
  });

  test("at once while the machine goes down, and never over an approval that the agent may be about to use", () => {
    const notices = { reboot: "due" } as const;
    const facts = { ...cordoned, report: reportReading({ nonce: "nonce-1" }) };
    const waits = { record: { ...approved, notices }, facts, view: told("reboot"), laterMs: 20_000 };
    assert.deepEqual(run(waits).actions, []);
    assert.deepEqual(written(run({ record: { ...reboots, notices }, facts: cordoned, view: told("reboot") })), {
      step: "note",
      notices: { reboot: "told" },
    });
  });
});

describe("The machine goes down when people have been told", () => {
  const notices = { drain: "told", reboot: "due" } as const;
  const given = { record: { ...drains, notices }, facts: { ...cordoned, report: reportReading({ nonce: "nonce-2" }) } };
  const noted: Attempt = { failures: 0, jitter: 0, last: { outcome: { kind: "done" }, endedAtMs: now.monotonicMs } };
  const justNoted = { attempts: new Map([["record/n1", noted]]) };

  test("but the approval waits for three seconds at the most", () => {
    const waits = run({ ...given, view: justNoted });
    assert.deepEqual([written(waits), waits.wakeAtMs], [undefined, now.monotonicMs + 3_000]);
    const { freshness } = policy();
    const slow = { freshness: { ...freshness, decisiveMs: 10_000 } };
    const goes = written(run({ ...given, view: justNoted, policy: slow, laterMs: 3_000 }));
    assert.deepEqual(goes, { step: "approve", notices });
  });

  test("and no longer than that takes", () => {
    const attempts = new Map([...justNoted.attempts, ...told("reboot").attempts]);
    assert.deepEqual(written(run({ ...given, view: { attempts } })), {
      step: "approve",
      notices: { drain: "told", reboot: "told" },
    });
  });

  test("and a new start does not begin the wait anew", () => {
    assert.equal(written(run(given))?.step, "approve");
  });
});

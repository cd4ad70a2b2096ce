import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Decision } from "../decide.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { MaintenanceRecord } from "../fleet/record.ts";
import type { Attempt, View } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import {
  agentPod,
  answers,
  entryText,
  later,
  ledger,
  node,
  now,
  pod,
  podsAnswer,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import type { Milestone, Notices } from "./notice.ts";

const cordoned = { unschedulable: true };
const drains = { phase: "draining", cordon: "ours" } as const;
const busy = { answers: answers({ "pods/n1": podsAnswer([agentPod(), pod()]) }) };
const approved = { phase: "approved", cordon: "ours", attempt: 1, nonce: "nonce-1" } as const;
const reboots = { ...approved, phase: "rebooting" } as const;
const closes = { phase: "closing", outcome: "done", attempt: 1 } as const;
const free = ledger(undefined);
const published = JSON.stringify({
  code: "Done",
  since: "2026-05-05T12:00:00.000Z",
  decided: "2026-05-05T12:00:00.000Z",
  record: record().id,
  reasons: [],
});
const given = { published, report: reportReading({ boot: "boot-2", need: "notRequired" }) };

interface Given {
  readonly record: Partial<MaintenanceRecord>;
  readonly facts?: Partial<NodeFacts>;
  readonly view?: Partial<View>;
  readonly policy?: Partial<Policy>;
  readonly laterMs?: number;
}

function run({ record: fields, facts, view: known, policy: wanted, laterMs = 0 }: Given): Decision {
  const inHand = node({ record: recordReading(fields), ...facts });
  const full = view({ nodes: [inHand], ledger: ledger(entryText()), ...known });
  return decide(full, policy({ notices: true, ...wanted }), later(laterMs));
}

/** This process has told these; `agoMs` before the present. */
function told(...milestones: readonly Milestone[]): Pick<View, "attempts"> {
  const done: Attempt = { failures: 0, jitter: 0, last: { outcome: { kind: "done" }, endedAtMs: now.monotonicMs } };
  return { attempts: new Map(milestones.map((milestone) => [`notify/n1/${record().id}/${milestone}`, done])) };
}

function notified({ actions }: Decision): readonly string[] {
  return actions.flatMap((action) => (action.kind === "notify" ? [action.milestone] : []));
}

function written({ actions }: Decision): { readonly step: string; readonly notices: Notices | undefined } | undefined {
  const [action] = actions.filter(({ kind }) => kind === "writeRecord");
  return action?.kind === "writeRecord" ? { step: action.step, notices: action.record?.notices } : undefined;
}

describe("What people are to be told of stands in the record from the write that makes it so", () => {
  const gives = (fields: Partial<MaintenanceRecord>, facts: Partial<NodeFacts>, wanted?: Partial<Policy>) =>
    written(run({ record: fields, facts, ...(wanted && { policy: wanted }) }));
  const asks = { ...cordoned, report: reportReading({ nonce: "nonce-2" }) };
  const back = { ...cordoned, report: reportReading({ boot: "boot-2", pod: "agent-1", need: "notRequired" }) };
  const returns = { ...reboots, phase: "returning" } as const;

  test("the drain with the cordon, the reboot with the approval, the uncordon with the node's return", () => {
    assert.deepEqual(gives({}, {}), { step: "cordon", notices: { drain: "due" } });
    assert.deepEqual(gives({ ...drains, notices: { drain: "told" } }, asks), {
      step: "approve",
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
      step: "approve",
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

describe("A maintenance is not forgotten before everybody was told", () => {
  const record = { ...closes, notices: { uncordon: "due" } } as const;

  test("the lock is given back first, whoever cannot be told", () => {
    const { actions } = run({ record, facts: given });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ["writeLedger", "notify"],
    );
  });

  test("then it waits, for ten minutes at the most, and takes nobody's place meanwhile", () => {
    const waits = run({ record, facts: given, view: { ledger: free } });
    assert.deepEqual(
      waits.actions.map(({ kind }) => kind),
      ["notify"],
    );
    assert.equal(waits.wakeAtMs, now.monotonicMs + 9 * 60_000);
    const other = node({ name: "n2" });
    const pods = answers({ "pods/n2": podsAnswer([agentPod({ nodeName: "n2" })]) });
    const closing = node({ record: recordReading(record), ...given });
    const both = decide(
      view({ nodes: [closing, other], ledger: free, answers: pods }),
      policy({ notices: true }),
      later(0),
    );
    assert.ok(both.actions.some((action) => action.kind === "writeRecord" && action.step === "intend"));
    const late = { ledger: { ...free, observedAtMs: now.monotonicMs + 9 * 60_000 } };
    assert.equal(written(run({ record, facts: given, view: late, laterMs: 9 * 60_000 }))?.step, "forget");
  });

  test("it goes at once when everybody has been told", () => {
    assert.equal(written(run({ record, facts: given, view: { ledger: free, ...told("uncordon") } }))?.step, "forget");
  });

  test("nobody waits for those who are not to be told any more", () => {
    const gone = run({ record, facts: given, view: { ledger: free }, policy: { notices: false } });
    assert.equal(written(gone)?.step, "forget");
  });
});

describe("A roll-out that stops is told", () => {
  const late = { policy: { rebootDeadlineMs: 60_000 } };

  test("when the command has failed, in the write that says so", () => {
    const result = { kind: "failed", reason: "exit status 3", shutdown: "no" } as const;
    const commanded = { boot: "boot-1", approval: "m1/1/nonce-1", result };
    const facts = { ...cordoned, report: reportReading({ commanded }) };
    assert.deepEqual(written(run({ record: reboots, facts })), { step: "fail", notices: { stopped: "due" } });
  });

  test("when the machine is overdue, once, with why", () => {
    assert.deepEqual(written(run({ record: reboots, facts: cordoned, ...late })), {
      step: "note",
      notices: { stopped: "due" },
    });
    const { actions } = run({ record: { ...reboots, notices: { stopped: "due" } }, facts: cordoned, ...late });
    const [notice, ...more] = actions;
    assert.ok(notice?.kind === "notify" && more.length === 0);
    assert.equal(notice.milestone, "stopped");
    assert.match(notice.detail, /^The machine has not come back since /);
    const done = run({ record: { ...reboots, notices: { stopped: "told" } }, facts: cordoned, ...late });
    assert.deepEqual(done.actions, []);
  });

  test("also when it is back meanwhile and nobody had been told", () => {
    const back = { ...cordoned, report: reportReading({ boot: "boot-2", need: "unknown" }) };
    const notices = { stopped: "due" } as const;
    const [notice] = run({ record: { ...reboots, phase: "returning", notices }, facts: back }).actions;
    assert.ok(notice?.kind === "notify");
    assert.equal(notice.detail, "");
  });
});

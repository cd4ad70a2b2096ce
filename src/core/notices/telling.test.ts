import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../decide.ts";
import {
  agentPod,
  answers,
  later,
  ledger,
  node,
  now,
  policy,
  podsAnswer,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";
import { cordoned, reboots, run, told, written } from "../testing/notice-scenes.ts";

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

describe("A maintenance is not forgotten before everybody was told", () => {
  const fields = { ...closes, notices: { uncordon: "due" } } as const;

  test("the lock is given back first, whoever cannot be told", () => {
    const { actions } = run({ record: fields, facts: given });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ["writeLedger", "notify"],
    );
  });

  test("then it waits, for ten minutes at the most, and takes nobody's place meanwhile", () => {
    const waits = run({ record: fields, facts: given, view: { ledger: free } });
    assert.deepEqual(
      waits.actions.map(({ kind }) => kind),
      ["notify"],
    );
    assert.equal(waits.wakeAtMs, now.monotonicMs + 9 * 60_000);
    const other = node({ name: "n2" });
    const pods = answers({ "pods/n2": podsAnswer([agentPod({ nodeName: "n2" })]) });
    const closing = node({ record: recordReading(fields), ...given });
    const both = decide(
      view({ nodes: [closing, other], ledger: free, answers: pods }),
      policy({ notices: true }),
      later(0),
    );
    assert.ok(both.actions.some((action) => action.kind === "writeRecord" && action.step === "intend"));
    const late = { ledger: { ...free, observedAtMs: now.monotonicMs + 9 * 60_000 } };
    assert.equal(written(run({ record: fields, facts: given, view: late, laterMs: 9 * 60_000 }))?.step, "forget");
  });

  test("it goes at once when everybody has been told", () => {
    assert.equal(
      written(run({ record: fields, facts: given, view: { ledger: free, ...told("uncordon") } }))?.step,
      "forget",
    );
  });

  test("nobody waits for those who are not to be told any more", () => {
    const gone = run({ record: fields, facts: given, view: { ledger: free }, policy: { notices: false } });
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

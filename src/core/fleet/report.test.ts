import assert from "node:assert/strict";
import test from "node:test";
import { decodeReport, encodeReport, type Report } from "./report.ts";

const report: Report = { pod: "p", boot: "b", need: "required", sinceMs: 0, evidence: "it is there" };

test("a report is read as it was written", () => {
  const full: Report = {
    ...report,
    bootedAtMs: 1_000,
    impediment: "no such command",
    nonce: "n",
    commanded: { boot: "b", approval: "a/1/n", result: { kind: "failed", reason: "exit 1", shutdown: "no" } },
  };
  const text = encodeReport(full);
  assert.deepEqual(decodeReport(text), { kind: "report", report: full, text });
});

test("what a talkative command says is cut, so that the report stays within what the policy allows", () => {
  const long = "x".repeat(100_000);
  const result = { kind: "hung", reason: long, shutdown: "unknown" } as const;
  const text = encodeReport({
    ...report,
    evidence: long,
    impediment: long,
    commanded: { boot: "b", approval: "a", result },
  });
  assert.ok(text.length < 4_000, `${text.length} characters`);
});

test("a stranger's text is no report, and says why", () => {
  for (const text of ["", "null", "[]", "{}", "{", '{"boot":1}', '{"boot":"b","need":"maybe","since":"today"}'])
    assert.match(JSON.stringify(decodeReport(text)), /"kind":"unreadable".*"reason":"[^"]/, text);
});

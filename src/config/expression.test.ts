import assert from "node:assert/strict";
import { test } from "node:test";
import { loadExpressions } from "../gates/expression.ts";
import { parseArguments } from "./parse-arguments.ts";

const compile = await loadExpressions();
const expressionFault = (text: string) => {
  const compiled = compile(text);
  return compiled.kind === "invalid" ? compiled.message : undefined;
};
const given = { program: "/usr/bin/kured", localZone: "UTC", expressionFault };

test("an expression that is none is refused on the command line as kured does, with 2", () => {
  const argv = ["--node-id=n", "--alert-filter-regexp=*"];
  const outcome = parseArguments({ ...given, argv, env: {} });
  assert.ok(outcome.kind === "refused");
  assert.equal(outcome.exitCode, 2);
  const fault = "error parsing regexp: missing argument to repetition operator: `*`";
  assert.match(outcome.stderr, /\ninvalid argument "\*" for "--alert-filter-regexp" flag: error parsing regexp: /);
  assert.ok(outcome.stderr.includes(`${fault}\n`));
});

test("an expression that is none is refused in the environment as kured does, with 1", () => {
  const env = { KURED_NODE_ID: "n", KURED_ALERT_FILTER_REGEXP: "(?=x)" };
  const outcome = parseArguments({ ...given, argv: [], env });
  assert.ok(outcome.kind === "refused");
  assert.equal(outcome.exitCode, 1);
  assert.equal(outcome.stdout, "cannot set flag alert-filter-regexp from env{KURED_ALERT_FILTER_REGEXP}: (?=x)\n");
});

test("no expression, an empty one and quotes around nothing are not the same, and all of them are taken", () => {
  const filters = [[], ["--alert-filter-regexp="], ['--alert-filter-regexp=""']].map((argv) => {
    const outcome = parseArguments({ ...given, argv, env: { KURED_NODE_ID: "n" } });
    return outcome.kind === "settings" ? outcome.settings.alerts.filter : "refused";
  });
  assert.deepEqual(filters, [undefined, "", undefined]);
});

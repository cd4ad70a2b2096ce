import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "../parse-arguments.ts";
import { withoutQuotes } from "./policy-settings.ts";

test("one pair of quotes round a URL is taken off, as in kured", () => {
  for (const [text, plain] of [
    ["Hello, world!", "Hello, world!"],
    ['"Hello, world!"', "Hello, world!"],
    ["'Hello, world!'", "Hello, world!"],
    ["'Hello, world!\"", "'Hello, world!\""],
    ["'", "'"],
    ["", ""],
    ['""', '""'],
    ['"a"', "a"],
    ['""a""', '"a"'],
  ] as const) {
    assert.equal(withoutQuotes(text), plain);
  }
});

function notified(...argv: readonly string[]) {
  const outcome = parseArguments({ argv, env: { KURED_NODE_ID: "n1" }, program: "kured" });
  assert.ok(outcome.kind === "settings");
  return { ...outcome.settings.notifications, warnings: outcome.warnings };
}

test("of two addresses for notifications the newer flag counts, and no secret is printed", () => {
  const both = notified('--slack-hook-url="https://a/secret1"', "--notify-url='teams://secret2'");
  assert.equal(both.url, "teams://secret2");
  assert.deepEqual(
    both.warnings.map(({ code }) => code),
    ["SlackHookUnused"],
  );
  assert.doesNotMatch(both.warnings.map(({ message }) => message).join(), /secret/);
  const old = notified("--slack-hook-url='https://a/x'");
  assert.equal(old.slackHookUrl, "https://a/x");
  assert.deepEqual(old.warnings, [
    { code: "SlackHookDeprecated", message: "Deprecated flag(s). Please use --notify-url flag instead." },
  ]);
});

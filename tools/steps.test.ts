import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "./source.ts";
import type { Step } from "./steps.ts";

const folder = mkdtempSync(join(tmpdir(), "kured-steps-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const nodeTest = ["--test", "--test-reporter=./tools/reporter.ts", "--test-reporter-destination=stdout"];

for (const isolation of ["none", "process"]) {
  const run = (name: string, text: string): Ran => runSuite(name, text, isolation);

  test(`isolation ${isolation}: passed tests are counted and the last line says so`, () => {
    const { status, lines } = run("passes", `test("a", () => {}); test("b", () => {});`);
    assert.deepEqual([status, lines.at(-1)], [0, "2 passed, 0 failed"]);
  });

  test(`isolation ${isolation}: a failure is told in full, with the tests around it`, () => {
    const { status, lines } = run(
      "fails",
      `test("outer", (t) => t.test("inner", () => { throw new Error("burst"); }));`,
    );
    assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 2 failed"]);
    assert.ok(lines.some((line) => line.endsWith("outer › inner")));
    assert.ok(lines.some((line) => line.includes("Error: burst")));
  });

  test(`isolation ${isolation}: a skipped test is named with its reason`, () => {
    const { status, lines } = run("skips", `test("a", () => {}); test("b", { skip: "no kernel" }, () => {});`);
    assert.deepEqual([status, lines.at(-1)], [0, "1 passed, 0 failed"]);
    assert.ok(lines.some((line) => /^skipped: .*skips\.test\.mjs: b: no kernel$/.test(line)));
  });

  test(`isolation ${isolation}: a file without a test is a failure`, () => {
    const { status, lines } = run("empty", `void test;`);
    assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 1 failed"]);
    assert.ok(lines.some((line) => line.includes("no test in this file")));
  });

  test(`isolation ${isolation}: a file that does not load is a failure`, () => {
    assert.equal(run("broken", `throw new Error("on load");`).lines.at(-1), "0 passed, 1 failed");
  });

  test(`isolation ${isolation}: a suite without any file is a failure`, () => {
    const { status, lines } = runStepAlone({
      argv: [...nodeTest, `--test-isolation=${isolation}`, join(folder, "none*.mjs")],
    });
    assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 1 failed"]);
  });

  test(`isolation ${isolation}: a suite whose tests are all skipped is a failure`, () => {
    const { status, lines } = run("allskipped", `test("b", { skip: "no kernel" }, () => {});`);
    assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 1 failed"]);
  });
}

test("a command that fails counts as one failure, and what it said is shown", () => {
  const { status, lines } = runStepAlone({
    argv: ["-e", "console.error('no luck'); process.exit(3)"],
    counts: "nothing",
  });
  assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 1 failed"]);
  assert.ok(lines.includes("no luck"));
});

test("a command that hangs is stopped at its deadline", () => {
  const { status, lines } = runStepAlone({
    argv: ["-e", "setInterval(() => {}, 1000)"],
    counts: "nothing",
    deadlineMs: 300,
  });
  assert.deepEqual([status, lines.at(-1)], [1, "0 passed, 1 failed"]);
  assert.ok(lines.some((line) => line.includes("deadline is 0.3 s")));
});

/** What a step printed and the exit code that its summary set. */
interface Ran {
  readonly status: number | null;
  readonly lines: readonly string[];
}

function runSuite(name: string, text: string, isolation: string): Ran {
  const path = join(folder, `${name}.test.mjs`);
  writeFileSync(path, `import { test } from "node:test";\n${text}\n`);
  return runStepAlone({ argv: [...nodeTest, `--test-isolation=${isolation}`, path] });
}

/** Runs one step in a process of its own, as tools/test.ts does. */
function runStepAlone(given: Partial<Step>): Ran {
  const step: Step = { name: "planted", argv: [], counts: "tests", output: "onFailure", deadlineMs: 30_000, ...given };
  const script = `
    const { runStep, summarize } = await import("./tools/steps.ts");
    summarize([await runStep(${JSON.stringify(step)})]);`;
  // Node refuses to run tests within tests unless it is not told that it does.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  return { status, lines: stdout.trimEnd().split("\n") };
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseSource, readSources, root } from "./source.ts";
import type { Source } from "./source.ts";
import * as tidy from "./tidy.ts";

const sources = readSources();

test("no folder holds more than fifteen source files", () => {
  assertNone(tidy.crowdedFolders(sources));
});

test("no file has a name that says nothing", () => {
  assertNone(tidy.emptyFileNames(sources));
});

test("no file is too long", () => {
  assertNone(tidy.fileLengths(sources));
});

test("every exported name has a doc comment", () => {
  assertNone(tidy.undocumentedExports(sources));
});

test("no cast to any, double cast, default export, enum or bare new Date()", () => {
  assertNone(tidy.looseCode(sources));
});

test("only main.ts ends the process", () => {
  assertNone(tidy.earlyExits(sources));
});

test("no comment is wider than the code", () => {
  assertNone(tidy.wideComments(sources));
});

test("no tracked file names the machine that it was written on", () => {
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  const paths = listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
  assert.ok(paths.length > 10, "git ls-files lists next to nothing");
  assertNone(tidy.machineTraces(paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))));
});

test("the lock file lists every optional package, so that npm ci works everywhere", () => {
  assertNone(tidy.lockFileGaps(readFileSync(join(root, "package-lock.json"), "utf8")));
});

test("the checks themselves find what they are for", async (t) => {
  const file = (path: string, text: string): readonly Source[] => [parseSource(path, text)];
  const lines = (count: number): string => "// line\n".repeat(count);
  const wrong: Readonly<Record<string, readonly string[]>> = {
    "sixteen files in a folder": tidy.crowdedFolders(
      Array.from({ length: 16 }, (_, index) => parseSource(`src/core/f${index}.ts`, "")),
    ),
    "a file called utils": tidy.emptyFileNames(file("src/core/utils.ts", "")),
    "a barrel": tidy.emptyFileNames(file("src/core/index.ts", "")),
    "a file over the soft limit": tidy.fileLengths(file("src/core/a.ts", lines(251)), {}),
    "a file over the hard limit with an entry": tidy.fileLengths(file("src/core/a.ts", lines(401)), {
      "src/core/a.ts": 401,
    }),
    "an entry that is too high": tidy.fileLengths(file("src/core/a.ts", lines(255)), { "src/core/a.ts": 300 }),
    "an entry without a file": tidy.fileLengths([], { "src/core/gone.ts": 300 }),
    "an export without a comment": tidy.undocumentedExports(
      file("src/core/a.ts", "const b = 1;\nexport const a = b;\n"),
    ),
    "a cast to any": tidy.looseCode(file("src/core/a.ts", "f(x as any);")),
    "a double cast": tidy.looseCode(file("src/core/a.ts", "f(x as unknown as string);")),
    "an enum": tidy.looseCode(file("src/core/a.ts", "export enum A {}")),
    "a default export": tidy.looseCode(file("src/core/a.ts", "export default a;")),
    "a silenced type error": tidy.looseCode(file("src/core/a.ts", "// @ts-ignore\n")),
    "the time out of nowhere": tidy.looseCode(file("sim/a.ts", "const now = new Date();")),
    "a wide comment": tidy.wideComments(file("src/compose/a.ts", `/** ${"wide ".repeat(24)} */`)),
    "an early exit": tidy.earlyExits(file("src/compose/a.ts", "process.exit(1);")),
    "somebody's home folder": tidy.machineTraces([{ path: "a.md", text: `see /${"home"}/somebody/x` }]),
    "a fixed temporary file": tidy.machineTraces([{ path: "a.ts", text: `open("/${"tmp"}/kured.sock")` }]),
    "a registry in the lock file": tidy.machineTraces([
      { path: "package-lock.json", text: `"resolved": "${"http"}s://r.example/"` },
    ]),
    "a gap in the lock file": tidy.lockFileGaps(
      JSON.stringify({ packages: { "node_modules/a": { optionalDependencies: { "@a/darwin-arm64": "1.0.0" } } } }),
    ),
    "a token": tidy.machineTraces([{ path: ".npmrc", text: `//r.example/:${"_auth"}Token=secret` }]),
    "a registry in .npmrc": tidy.machineTraces([{ path: ".npmrc", text: `${"registry"}=https://r.example/` }]),
  };
  for (const [name, faults] of Object.entries(wrong)) {
    await t.test(name, () => assert.equal(faults.length, 1, faults.join("\n")));
  }
  await t.test("and leave good code alone", () => {
    const good = `/** Twice. */\nexport function f(a: string): string;\nexport function f(a: number): number;\n`;
    assertNone(tidy.undocumentedExports(file("src/core/a.ts", good)));
    assertNone(tidy.looseCode(file("src/core/a.ts", "const at = new Date(wallMs);")));
    assertNone(tidy.fileLengths(file("src/core/a.ts", lines(300)), { "src/core/a.ts": 305 }));
  });
});

function assertNone(faults: readonly string[]): void {
  assert.ok(faults.length === 0, `\n${faults.join("\n")}`);
}

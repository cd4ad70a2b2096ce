import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

// A lint rule that silently stopped firing (renamed option, other default, glob that matches nothing) looks just
// like clean code. So each rule meets a planted fault here, under the project's own configuration.

const root = join(import.meta.dirname, "..");

/** Where a fault lies, the fault, and the rule that must name it; `undefined` where the code must pass. */
interface Planted {
  readonly rule: string | undefined;
  readonly path: string;
  readonly code: string;
}

const promise = `declare function work(): Promise<number>;\n`;

const planted: readonly Planted[] = [
  { rule: "no-floating-promises", path: "src/agent/a1.ts", code: `${promise}export function f(): void { work(); }` },
  {
    rule: "no-floating-promises",
    path: "src/agent/a2.ts",
    code: `${promise}export function f(): void { void work(); }`,
  },
  {
    rule: "no-misused-promises",
    path: "src/agent/a3.ts",
    code: `${promise}export const f = [1].filter(() => work());`,
  },
  { rule: "await-thenable", path: "src/agent/a4.ts", code: `export async function f(): Promise<void> { await 1; }` },
  {
    rule: "return-await",
    path: "src/agent/a5.ts",
    code: `${promise}export async function f(): Promise<number> { try { return work(); } catch { return 1; } }`,
  },
  { rule: "only-throw-error", path: "src/agent/a6.ts", code: `export function f(): never { throw "text"; }` },
  {
    rule: "unbound-method",
    path: "src/agent/a9.ts",
    code: `export class A { b(): A { return this; } }\nexport const f = new A().b;`,
  },
  {
    rule: "no-multiple-resolved",
    path: "src/agent/a8.ts",
    code: `export const f = (): Promise<void> => new Promise<void>((resolve) => { resolve(); resolve(); });`,
  },
  {
    rule: "switch-exhaustiveness-check",
    path: "src/core/b1.ts",
    code: `export function f(k: "a" | "b"): number { switch (k) { case "a": return 1; } return 2; }`,
  },
  {
    rule: "switch-exhaustiveness-check",
    path: "src/core/b2.ts",
    code: `export function f(k: "a" | "b"): number { switch (k) { case "a": return 1; default: return 2; } }`,
  },
  { rule: "no-explicit-any", path: "src/core/b3.ts", code: `export function f(k: any): void { k satisfies unknown; }` },
  {
    rule: "no-unsafe-argument",
    path: "src/kube/b4.ts",
    code: `export const f = (t: string): number => Math.abs(JSON.parse(t));`,
  },
  {
    rule: "no-unsafe-assignment",
    path: "src/kube/b5.ts",
    code: `export function f(t: string): void { const x = JSON.parse(t); void x; }`,
  },
  { rule: "no-unsafe-call", path: "src/kube/b6.ts", code: `export function f(t: string): void { JSON.parse(t)(); }` },
  {
    rule: "no-unsafe-member-access",
    path: "src/kube/b7.ts",
    code: `export function f(t: string): unknown { return JSON.parse(t).x as unknown; }`,
  },
  { rule: "no-unsafe-return", path: "src/kube/b8.ts", code: `export const f = (t: string): string => JSON.parse(t);` },
  {
    rule: "no-unnecessary-type-assertion",
    path: "src/core/b9.ts",
    code: `export const f = (t: string): string => t as string;`,
  },
  {
    rule: "consistent-type-imports",
    path: "src/core/b10.ts",
    code: `import { Now } from "./ok.ts";\nexport const f = (n: Now): number => n.a;`,
  },
  {
    rule: "no-deprecated",
    path: "src/core/b11.ts",
    code: `/** @deprecated gone */\nconst old = (): number => 1;\nexport const f = (): number => old();`,
  },
  {
    rule: "restrict-template-expressions",
    path: "src/core/b12.ts",
    code: "export const f = (o: object): string => `${o}`;",
  },
  {
    rule: "no-cycle",
    path: "src/core/c1.ts",
    code: `import { b } from "./c2.ts";\nexport const a = (): number => b();`,
  },
  {
    rule: "no-cycle",
    path: "src/core/c2.ts",
    code: `import { a } from "./c1.ts";\nexport const b = (): number => a();`,
  },
  { rule: "no-default-export", path: "src/core/c3.ts", code: `export default 1;` },
  {
    rule: "no-self-import",
    path: "src/core/c4.ts",
    code: `import { a as b } from "./c4.ts";\nexport const a = (): number => b();`,
  },
  {
    rule: "no-duplicates",
    path: "src/core/c5.ts",
    code: `import { one } from "./ok.ts";\nimport { two } from "./ok.ts";\nexport const a = one + two;`,
  },
  { rule: "no-barrel-file", path: "src/core/c6.ts", code: `export * from "./ok.ts";` },
  {
    rule: "prefer-node-protocol",
    path: "src/host/c7.ts",
    code: `import { readFileSync } from "fs";\nexport const f = readFileSync;`,
  },
  { rule: "eqeqeq", path: "src/core/d1.ts", code: `export const f = (a: unknown): boolean => a == 1;` },
  { rule: "no-var", path: "src/core/d2.ts", code: `export function f(): number { var a = 1; return a; }` },
  { rule: "prefer-const", path: "src/core/d3.ts", code: `export function f(): number { let a = 1; return a; }` },
  {
    rule: "no-param-reassign",
    path: "src/core/d4.ts",
    code: `export function f(a: number): number { a = 1; return a; }`,
  },
  { rule: "no-abusive-eslint-disable", path: "src/core/d5.ts", code: `/* eslint-disable */\nexport const a = 1;` },
  { rule: "no-process-exit", path: "src/compose/d6.ts", code: `export const f = (): never => process.exit(1);` },
  { rule: "no-console", path: "src/agent/e1.ts", code: `console.log("hello");\nexport const a = 1;` },
  {
    rule: "max-params",
    path: "src/agent/e2.ts",
    code: `export const f = (a: number, b: number, c: number, d: number): number => a + b + c + d;`,
  },
  {
    rule: "max-depth",
    path: "src/agent/e3.ts",
    code: `export function f(a: number): void { if (a) { if (a) { if (a) { if (a) { if (a) { f(a); } } } } } }`,
  },
  {
    rule: "max-lines-per-function",
    path: "src/agent/e4.ts",
    code: `export function f(g: () => void): void {\n${"  g();\n".repeat(71)}}`,
  },
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "performance", "fetch", "crypto"].flatMap((name) =>
    ["src/agent", "src/kube", "src/host", "src/compose"].map((folder) => ({
      rule: "no-restricted-globals",
      path: `${folder}/global-${name}.ts`,
      code: `export const f = ${name};`,
    })),
  ),
  { rule: "no-restricted-globals", path: "src/agent/f1.ts", code: `export const f = process.pid;` },
  { rule: "no-restricted-globals", path: "src/telemetry/f2.ts", code: `export const f = process.env;` },
  { rule: "no-restricted-properties", path: "src/agent/f3.ts", code: `export const f = (): number => Date.now();` },
  { rule: "no-restricted-properties", path: "src/host/f4.ts", code: `export const f = (): number => Math.random();` },
  {
    rule: "no-restricted-properties",
    path: "src/agent/f5.ts",
    code: `export const f = (): unknown => Temporal.Now.instant();`,
  },
  {
    rule: "no-restricted-properties",
    path: "src/agent/f6.ts",
    code: `export const f = (): AbortSignal => AbortSignal.timeout(1);`,
  },
  {
    rule: "no-restricted-imports",
    path: "src/agent/f7.ts",
    code: `import { setTimeout as s } from "node:timers/promises";\nexport const f = s;`,
  },
  {
    rule: "no-restricted-imports",
    path: "src/kube/f8.ts",
    code: `import { randomUUID } from "node:crypto";\nexport const f = randomUUID;`,
  },

  {
    rule: undefined,
    path: "src/core/ok.ts",
    code: `export interface Now { a: number }\nexport const one = 1;\nexport const two = 2;`,
  },
  {
    rule: undefined,
    path: "src/host/clock.ts",
    code: `export const f = (): unknown => [setTimeout, performance.now(), Date.now()];`,
  },
  {
    rule: undefined,
    path: "src/host/random.ts",
    code: `import { randomBytes } from "node:crypto";\nexport const f = [Math.random(), randomBytes];`,
  },
  {
    rule: undefined,
    path: "src/compose/ok.ts",
    code: `export const f = (): string | undefined => process.env["KURED_X"];`,
  },
  { rule: undefined, path: "src/main.ts", code: `process.exit(0);\nexport {};` },
  {
    rule: undefined,
    path: "src/kube/ok.ts",
    code: `export function f(k: "a" | "b"): number { switch (k) { case "a": return 1; default: return 2; } }`,
  },
  {
    rule: "switch-exhaustiveness-check",
    path: "src/kube/d7.ts",
    code: `export function f(k: "a" | "b"): number { switch (k) { case "a": return 1; } return 2; }`,
  },
  { rule: undefined, path: "src/kube/ok2.ts", code: "export const f = (u: URL): string => `${u}`;" },
  {
    rule: undefined,
    path: "src/core/ok.test.ts",
    code: `import { test } from "node:test";\ntest("a", async () => { await new Promise((r) => { setTimeout(r, 1); }); });`,
  },
];

const folder = mkdtempSync(join(tmpdir(), "kured-lint-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const found = lintPlanted();

for (const { rule, path } of planted) {
  test(rule === undefined ? `lint leaves ${path} alone` : `lint finds ${rule} in ${path}`, () => {
    const rules = found.get(path) ?? [];
    if (rule === undefined) assert.deepEqual(rules, []);
    else assert.ok(rules.includes(rule), `expected ${rule}, oxlint said: ${rules.join(", ") || "nothing"}`);
  });
}

test("every rule that .oxlintrc.json turns on has a planted fault in tools/lint.test.ts", () => {
  const proved = new Set(planted.map(({ rule }) => rule));
  const unproved = rulesTurnedOn().filter((name) => !proved.has(name));
  assert.deepEqual(unproved, []);
});

test("enums do not compile", () => {
  writeFileSync(join(folder, "src/core/enum.ts"), "export enum Kind { A }\n");
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "."], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.match(tsc.stdout, /src\/core\/enum\.ts.*TS1294/);
});

/** Writes the planted files into a copy of the project's skeleton and returns path → names of the rules that fired. */
function lintPlanted(): ReadonlyMap<string, readonly string[]> {
  for (const name of [".oxlintrc.json", "tsconfig.json"]) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { path, code } of planted) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `${code}\n`);
  }
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const { stdout } = spawnSync(process.execPath, [oxlint, "--format=json"], { cwd: folder, encoding: "utf8" });
  const report = JSON.parse(stdout) as { diagnostics: readonly { code: string; filename: string }[] };
  const rules = new Map<string, string[]>();
  for (const { code, filename } of report.diagnostics) {
    const name = /\((.*)\)/.exec(code)?.[1] ?? code;
    rules.set(filename, [...(rules.get(filename) ?? []), name]);
  }
  return rules;
}

/** The names, without plug-in, of all rules that the configuration itself sets to something other than "off". */
function rulesTurnedOn(): readonly string[] {
  const text = readFileSync(join(root, ".oxlintrc.json"), "utf8").replace(/^\s*\/\/.*$/gm, "");
  type Rules = Readonly<Record<string, unknown>>;
  const config = JSON.parse(text) as { rules: Rules; overrides: readonly { rules: Rules }[] };
  const names = [config.rules, ...config.overrides.map(({ rules }) => rules)].flatMap((rules) =>
    Object.entries(rules).filter(([, setting]) => setting !== "off"),
  );
  return [...new Set(names.map(([name]) => name.replace(/^.*\//, "")))];
}

import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import { fromRoot } from "./source.ts";

/** What a run of `node --test` came to; the reporter writes it as JSON to the file named by KURED_TALLY. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Tests that did not run, or whose failure is expected (todo), each with the reason that it gives. */
  readonly skipped: readonly string[];
  /** Files that took more than two seconds although they share a process with all others. */
  readonly slow: readonly string[];
}

type Data<Type extends TestEvent["type"]> = Extract<TestEvent, { type: Type }>["data"];

/**
 * A reporter for `node --test` that says what a person wants to know: one line per file that ran in a process of its
 * own, what such a file itself prints, and failures in full. A file without a single test is a failure too: it looks
 * just like a suite that passed.
 */
// oxlint-disable-next-line import/no-default-export -- node:test loads a reporter by its default export
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const names = new Map<string, string[]>();
  const skipped: string[] = [];
  const files = new Map<string, number>();
  const tookMs = new Map<string, number>();
  let empty = 0;
  let seed = "";
  for await (const { type, data } of events) {
    switch (type) {
      case "test:enqueue":
        if (!isWholeFile(data)) files.set(fileOf(data), (files.get(fileOf(data)) ?? 0) + 1);
        break;
      case "test:start":
        names.set(fileOf(data), [...(names.get(fileOf(data)) ?? []).slice(0, data.nesting), data.name]);
        break;
      case "test:stdout":
      case "test:stderr":
        yield data.message.replace(/^(?=.)/gm, "      │ ");
        break;
      case "test:complete":
        if (data.nesting === 0) tookMs.set(fileOf(data), (tookMs.get(fileOf(data)) ?? 0) + data.details.duration_ms);
        break;
      case "test:fail":
        if (!isEcho(data)) yield failure(data, names.get(fileOf(data)) ?? [data.name]);
        break;
      case "test:pass": {
        const reason = data.skip ?? data.todo;
        if (reason !== undefined && reason !== false) {
          skipped.push(`${fileOf(data)}: ${data.name}: ${reason === true ? "gives no reason" : reason}`);
        }
        if (isWholeFile(data) && !files.has(fileOf(data))) {
          empty++;
          yield `    ✗ ${fileOf(data)}: no test in this file. Write one or delete the file.\n`;
        }
        break;
      }
      case "test:diagnostic":
        if (data.message.includes("seed")) seed = `    ${data.message}\n`;
        break;
      case "test:summary":
        if (data.file !== undefined) yield fileLine(data);
        else {
          if (!data.success) yield seed;
          writeTally(data, { skipped, empty, slow: slowFiles(tookMs) });
        }
        break;
      default:
    }
  }
}

function fileLine({ file, success, counts, duration_ms: durationMs }: Data<"test:summary">): string {
  const failed = failures(counts);
  const totals = `${counts.passed} passed${failed > 0 ? `, ${failed} failed` : ""}`;
  return `    ${success ? "✓" : "✗"} ${fromRoot(file ?? "")}: ${totals}, ${(durationMs / 1000).toFixed(1)} s\n`;
}

function failure({ details, file, line }: Data<"test:fail">, names: readonly string[]): string {
  const { cause } = details.error;
  const told = cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause ?? details.error);
  // Frames inside Node and repeated fields of an assertion help nobody.
  const lines = told.split("\n").filter((text) => !/^\s+at .*\bnode:(?:internal|async_hooks)\b/.test(text));
  const place = file === undefined ? "" : `    ${fromRoot(file)}:${line ?? 1}\n`;
  return `    ✗ ${names.join(" › ")}\n${place}${lines.map((text) => `      ${text}\n`).join("")}`;
}

/** A parent that failed only because a test in it did, which has been told already. */
function isEcho({ details }: Data<"test:fail">): boolean {
  return "failureType" in details.error && details.error.failureType === "subtestsFailed";
}

/** Node reports each file of a suite as a test named after the file when it holds no test or does not load. */
function isWholeFile({ name, file, nesting }: { name: string; file?: string | undefined; nesting: number }): boolean {
  return nesting === 0 && file !== undefined && (name === file || basename(name) === basename(file));
}

function fileOf({ file }: { file?: string | undefined }): string {
  return file === undefined ? "unknown file" : fromRoot(file);
}

function slowFiles(tookMs: ReadonlyMap<string, number>): readonly string[] {
  return [...tookMs]
    .filter(([, durationMs]) => durationMs > 2_000)
    .sort(([, a], [, b]) => b - a)
    .map(([file, durationMs]) => `${file} ${(durationMs / 1000).toFixed(1)} s`);
}

/** Failed and cancelled tests. A todo that fails is not among them. */
function failures({ tests, passed, skipped, todo }: Data<"test:summary">["counts"]): number {
  return tests - passed - skipped - todo;
}

function writeTally(
  { counts }: Data<"test:summary">,
  { skipped, empty, slow }: Pick<Tally, "skipped" | "slow"> & { readonly empty: number },
): void {
  const path = process.env["KURED_TALLY"];
  if (path === undefined) return;
  const tally: Tally = { passed: counts.passed - empty, failed: failures(counts) + empty, skipped, slow };
  writeFileSync(path, JSON.stringify(tally));
}

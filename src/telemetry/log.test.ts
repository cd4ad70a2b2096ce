import assert from "node:assert/strict";
import { test } from "node:test";
import type { Log } from "../ports/log.ts";
import { createLog } from "./log.ts";
import type { LogParts } from "./log.ts";

const clock = { now: () => ({ wallMs: Date.parse("2024-01-01T00:00:00.999Z"), monotonicMs: 0 }) };

function written(format: "text" | "json", act: (log: Log) => void, parts: Partial<LogParts> = {}): string {
  let text = "";
  const sink = (line: string): void => {
    text += line;
  };
  act(createLog({ format, sink, clock, ...parts }));
  return text;
}

test("a text line has time, level and message as kured writes them", () => {
  assert.equal(
    written("text", (log) => log.write("info", "Node ID: n1")),
    'time="2024-01-01T00:00:00Z" level=info msg="Node ID: n1"\n',
  );
  const levels = ["warning", "error", "fatal"] as const;
  const lines = written("text", (log) => levels.forEach((level) => log.write(level, "x")));
  assert.deepEqual(lines.match(/level=\w+/g), ["level=warning", "level=error", "level=fatal"]);
});

test("only what is no plain word is quoted, and line ends never break a line", () => {
  const message = (text: string) => /Z" level=info(.*)\n$/.exec(written("text", (log) => log.write("info", text)))?.[1];
  assert.equal(message("a-B.9_/@^+"), " msg=a-B.9_/@^+");
  assert.equal(message(""), "");
  assert.equal(message('slack: "x"\n\tä\x00'), ' msg="slack: \\"x\\"\\n\\tä\\x00"');
  assert.equal(message("100%"), ' msg="100%"');
});

test("a JSON line has its keys in order and Go's escapes", () => {
  assert.equal(
    written("json", (log) => log.write("info", "Node ID: n1")),
    '{"level":"info","msg":"Node ID: n1","time":"2024-01-01T00:00:00Z"}\n',
  );
  assert.equal(
    written("json", (log) => log.write("info", "Node %s <rebooted> & back\n\u2028")),
    '{"level":"info","msg":"Node %s \\u003crebooted\\u003e \\u0026 back\\n\\u2028","time":"2024-01-01T00:00:00Z"}\n',
  );
});

test("fields are in JSON only and never hide kured's keys", () => {
  const fields = { node: "n1", code: "Queued", attempt: 2, level: "x", ok: true };
  const parsed: unknown = JSON.parse(written("json", (log) => log.write("warning", "m", fields)));
  assert.deepEqual(Object.keys(parsed as object), [
    "attempt",
    "code",
    "fields.level",
    "level",
    "msg",
    "node",
    "ok",
    "time",
  ]);
  assert.equal((parsed as { level: string }).level, "warning");
  assert.equal(
    written("text", (log) => log.write("info", "m", fields)),
    'time="2024-01-01T00:00:00Z" level=info msg=m\n',
  );
});

test("debug lines are written only when asked for", () => {
  assert.equal(
    written("text", (log) => log.write("debug", "m")),
    "",
  );
  assert.match(
    written("text", (log) => log.write("debug", "m"), { debug: true }),
    /level=debug/,
  );
});

test("times are written in the zone of the process", () => {
  const line = written("text", (log) => log.write("info", "m"), { zone: "Asia/Kolkata" });
  assert.match(line, /^time="2024-01-01T05:30:00\+05:30" /);
  assert.match(
    written("text", (log) => log.write("info", "m"), { zone: "Europe/London" }),
    /^time="2024-01-01T00:00:00Z" /,
  );
});

test("a log that cannot be written stops nobody", () => {
  const sink = (): void => {
    throw new Error("EPIPE");
  };
  createLog({ format: "text", sink, clock }).write("info", "m");
});

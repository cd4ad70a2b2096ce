import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../core/verdict/sentence.ts";
import { formatTemplate } from "../notifiers/template.ts";
import { expose } from "./exposition.ts";
import { families } from "./families.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";

// Names of nodes, pods and lock holders, and what sentinels and people say, are strangers' texts. None of them may make
// a line, a label, a colour or a placeholder of its own.

const texts: Readonly<Record<string, string>> = {
  "a second line": 'n1\ntime="2024-01-01T00:00:00Z" level=fatal msg=forged',
  "a second line as other systems end them": "n1\r\nlevel=fatal\rlevel=fatal",
  "line ends of Unicode": "n1\u2028level=fatal\u2029\u0085\u000b\u000c",
  "quotation marks and backslashes": 'n1" level=fatal msg="forged\\',
  "a label and a sample": 'n1",code="Done"} 1\nkured_reboot_required{node="n2"} 1\n# EOF\n',
  "escapes of a terminal": "\u001b[2J\u001b]0;owned\u0007\u009b31mred\u0000\u007f",
  "the other direction of writing": "\u202egnp\u2066\u200f",
  placeholders: "%s %d %!s(MISSING) %[1]s $& $1 $` ${node} {{ .Node }}",
  "half a character": "n1\ud800",
  markup: "<script>&amp;</script>",
};

/** What a terminal obeys, or a reader takes for the end of a line. */
const steering = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const clock = { now: () => ({ wallMs: 0, monotonicMs: 0 }) };

for (const [what, text] of Object.entries(texts)) {
  test(`in the log as text ${what} stays inside its message`, () => {
    const [line, ...more] = logged("text", text);
    assert.deepEqual(more, []);
    assert.match(line ?? "", /^time="1970-01-01T00:00:00Z" level=info msg="(?:[^"\\]|\\.)*"$/);
    assert.doesNotMatch(line ?? "", steering);
  });

  test(`in the log as JSON ${what} stays inside its value, and is there unchanged`, () => {
    const [line = "", ...more] = logged("json", text);
    assert.deepEqual(more, []);
    assert.doesNotMatch(line, steering);
    const parsed = JSON.parse(line) as Readonly<Record<string, string>>;
    assert.deepEqual(parsed, { level: "info", msg: `Node ${text}`, node: text, time: "1970-01-01T00:00:00Z" });
  });

  for (const format of ["classic", "openMetrics"] as const) {
    test(`in a label of the metrics (${format}) ${what} stays inside its value, and is there unchanged`, () => {
      const metrics = createMetrics(families);
      metrics.set("kured_node_state", { labels: { node: text, code: "Queued" }, value: 1 });
      const lines = expose(metrics.read(), format).split("\n");
      const samples = lines.filter((line) => line !== "" && !line.startsWith("# "));
      const [, node = "", rest] =
        /^kured_node_state\{node="((?:[^"\\]|\\[\\"n])*)"(.*)$/.exec(samples.join("\n")) ?? [];
      assert.equal(rest, ',code="Queued"} 1');
      assert.equal(
        node.replace(/\\(.)/g, (_all, sign: string) => (sign === "n" ? "\n" : sign)),
        text,
      );
      assert.deepEqual(lines.slice(-2), format === "openMetrics" ? ["# EOF", ""] : [samples[0], ""]);
    });
  }

  test(`in a notification's template ${what} as a node's name is put in as it is, once`, () => {
    assert.equal(formatTemplate("a %s b", text), `a ${text} b`);
  });

  test(`in the sentence of a verdict ${what} cannot steer a terminal`, () => {
    assert.doesNotMatch(sentence({ code: "NotRequired", evidence: text }), steering);
    assert.doesNotMatch(sentence({ code: "ReportUnreadable", detail: text, text }), steering);
  });
}

function logged(format: "text" | "json", text: string): readonly string[] {
  let written = "";
  const sink = (line: string): void => {
    written += line;
  };
  createLog({ format, sink, clock }).write("info", `Node ${text}`, { node: text });
  return written.split("\n").slice(0, -1);
}

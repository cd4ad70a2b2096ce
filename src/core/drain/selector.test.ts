import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatSelector, parseSelector, selects } from "./selector.ts";
import type { Selector } from "./selector.ts";

function selector(text: string): Selector {
  const reading = parseSelector(text);
  assert.equal(reading.kind, "selector", JSON.stringify(reading));
  return reading.kind === "selector" ? reading.selector : { requirements: [] };
}

describe("A pod selector", () => {
  const canonical: readonly (readonly [string, string])[] = [
    ["", ""],
    [" \t\r\n", ""],
    ["a=b", "a=b"],
    [" a  ==  b ", "a==b"],
    ["a!=b", "a!=b"],
    ["a", "a"],
    ["! a", "!a"],
    ["x in (b,a,b)", "x in (a,b)"],
    ["x notin(a)", "x notin (a)"],
    ["x in ()", "x in ()"],
    ["x in (,)", "x in ()"],
    ["x in (a,,b)", "x in (,a,b)"],
    ["x in (,a)", "x in (,a)"],
    ["x in (a,)", "x in (,a)"],
    ["x=", "x="],
    ["x=,y", "x=,y"],
    ["x!=", "x!="],
    ["x>1,y<22", "x>1,y<22"],
    ["z,!b,a=1", "a=1,!b,z"],
    ["b,a=2,a=1", "a=2,a=1,b"],
    ["example.com/role in (db),in=notin", "example.com/role in (db),in=notin"],
    ["notin notin (in,notin)", "notin notin (in,notin)"],
    ["!in", "!in"],
  ];
  for (const [text, expected] of canonical) {
    test(`${JSON.stringify(text)} is sent as ${JSON.stringify(expected)}`, () => {
      assert.equal(formatSelector(selector(text)), expected);
    });
  }

  const invalid = ["a,", ",a", ",", "a b", "a=b=c", "!a=b", "a==!b", "!!a", "!", "=a", "a in", "a in b", "a in (b"];
  invalid.push("a in (b c)", "a in (=)", "a in (b))", "a>", "a>b", "a>-1", "a>1.5", "a<9223372036854775808", "a=(b)");
  invalid.push("a=-b", "-a", "a/b/c", "/a", "a/", "A/b=c", "a..b/c", "ä=b", "a=ä", `a=${"b".repeat(64)}`);
  invalid.push(
    "k".repeat(64),
    `${"d".repeat(254)}/a`,
    "a ! b",
    "a;b",
    "...",
    '""',
    "a=we!b",
    "A.B/c=d",
    "a in (x),",
    "a in (x) b",
  );
  for (const text of invalid) {
    test(`${JSON.stringify(text.slice(0, 20))} is refused with a sentence`, () => {
      const reading = parseSelector(text);
      assert.equal(reading.kind, "invalid");
      assert.match(reading.kind === "invalid" ? reading.reason : "", /is not a label selector: .+/);
    });
  }

  test("the longest names that Kubernetes allows are accepted", () => {
    selector(`${"d".repeat(253)}/${"k".repeat(63)}=${"v".repeat(63)}`);
  });

  const matches: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ["", {}, true],
    ["a", { a: "" }, true],
    ["a", {}, false],
    ["!a", {}, true],
    ["!a", { a: "" }, false],
    ["a=1", { a: "1", b: "2" }, true],
    ["a==1", { a: "2" }, false],
    ["a=", { a: "" }, true],
    ["a=", {}, false],
    ["a!=1", {}, true],
    ["a!=1", { a: "2" }, true],
    ["a!=1", { a: "1" }, false],
    ["a in (1,2)", { a: "2" }, true],
    ["a in (1,2)", { a: "3" }, false],
    ["a in (1,2)", {}, false],
    ["a in ()", { a: "" }, true],
    ["a notin (1,2)", {}, true],
    ["a notin (1,2)", { a: "1" }, false],
    ["a>9", { a: "10" }, true],
    ["a>10", { a: "10" }, false],
    ["a<10", { a: "9" }, true],
    ["a<10", { a: "9.5" }, false],
    ["a<10", { a: "" }, false],
    ["a>9223372036854775806", { a: "9223372036854775807" }, true],
    ["a>1", { a: "9223372036854775808" }, false],
    ["a,b", { a: "1" }, false],
    ["constructor", {}, false],
    ["!toString", {}, true],
  ];
  for (const [text, labels, expected] of matches) {
    test(`${JSON.stringify(text)} ${expected ? "means" : "does not mean"} a pod labelled ${JSON.stringify(labels)}`, () => {
      assert.equal(selects(selector(text), labels), expected);
    });
  }

  test("no text makes reading it throw, and the canonical text is read as the same selector", () => {
    const pieces = ["a", "b", "in", "notin", "=", "==", "!=", "!", "(", ")", ",", ">", "<", " ", "1", "d.e/f"];
    const texts = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...pieces)).map((found) => found.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const reading = parseSelector(text);
        if (reading.kind === "invalid") return;
        assert.deepEqual(selector(formatSelector(reading.selector)), reading.selector);
      }),
      { numRuns: 1_000 },
    );
  });
});

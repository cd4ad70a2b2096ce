import assert from "node:assert/strict";
import { test } from "node:test";
import { readProperties } from "./properties.ts";
import { bool, choice, dictionary, integer, json, list, text } from "./property-types.ts";
import { parseServiceUrl } from "./service-url.ts";
import { UrlRefused } from "./url-refused.ts";

const properties = {
  text: text({ fallback: "none", aliases: ["words"] }),
  bool: bool(false),
  integer: integer(7),
  small: integer(1, { min: 1, max: 3 }),
  list: list(),
  actions: list({ separator: ":" }),
  choice: choice(["None", "MarkdownV2"], { fallback: "None", synonyms: { "2": "MarkdownV2" } }),
  dictionary: dictionary(),
  json: json(),
};

function read(query: string): unknown {
  return readProperties(parseServiceUrl(`x://h?${query}`), properties);
}

const nothing = read("");

test("what is not set is what the service takes without it", () => {
  assert.deepEqual(nothing, {
    text: "none",
    bool: false,
    integer: 7,
    small: 1,
    list: [],
    actions: [],
    choice: "None",
    dictionary: {},
    json: undefined,
  });
});

const values: readonly (readonly [query: string, set: Readonly<Record<string, unknown>>])[] = [
  ["TEXT=A", { text: "A" }],
  ["Words=A", { text: "A" }],
  ["text=a&words=b&TEXT=c", { text: "a" }],
  ["text=", { text: "" }],
  ...["true", "TRUE", "1", "yes", "Yes", "y", "Y"].map((word) => [`bool=${word}`, { bool: true }] as const),
  ...["false", "0", "no", "N", "n"].map((word) => [`bool=${word}`, { bool: false }] as const),
  ...[
    ["10", 10],
    ["-3", -3],
    ["+3", 3],
    ["0x1F", 31],
    ["0b101", 5],
    ["0o17", 15],
    ["017", 15],
    ["1_000", 1_000],
    ["%23ff", 255],
    ["0", 0],
  ].map(([written, integer]) => [`integer=${String(written).replace("+", "%2B")}`, { integer }] as const),
  ["small=3", { small: 3 }],
  ["list=a,b", { list: ["a", "b"] }],
  ["list=", { list: [""] }],
  ["list=a", { list: ["a"] }],
  ["actions=a,b:c", { actions: ["a,b", "c"] }],
  ["choice=markdownv2", { choice: "MarkdownV2" }],
  ["choice=2", { choice: "MarkdownV2" }],
  ["dictionary=a:b,c:d:e", { dictionary: { a: "b", c: "d:e" } }],
  ['json={"a":[1]}', { json: { a: [1] } }],
];

for (const [query, set] of values)
  test(`?${query} sets ${JSON.stringify(set)}`, () => {
    assert.deepEqual(read(query), { ...Object(nothing), ...set });
  });

const refused: readonly (readonly [query: string, words: RegExp])[] = [
  ...["", "on", "maybe", "tru"].map(
    (word) => [`bool=${word}`, /^invalid value for bool: accepted values are 1, true, yes or 0, false, no$/] as const,
  ),
  ...["", "ten", "0x", "08", "1_", "1.5", "ff", "- 1"].map(
    (word) => [`integer=${word}`, /^invalid value for integer: not an integer$/] as const,
  ),
  ["small=4", /^invalid value for small: not between 1 and 3$/],
  ["integer=2147483648", /^invalid value for integer: not between -2147483648 and 2147483647$/],
  ["choice=secret", /^invalid value for choice: not a one of None, MarkdownV2$/],
  ["dictionary=secret", /^invalid value for dictionary: not of the form key:value,key:value$/],
  ["json={secret", /^invalid value for json: not JSON$/],
  [
    "colour=secret",
    /^colour is not a valid config key \[text words bool integer small list actions choice dictionary json\]$/,
  ],
  ["s3cr3t%20word=1", /^a key of the query is not a valid config key \[/],
];

for (const [query, words] of refused)
  test(`?${query} is refused, and the value is not repeated`, () => {
    assert.throws(
      () => read(query),
      (error) => error instanceof UrlRefused && words.test(error.message) && !error.message.includes("secret"),
    );
  });

test("a service that ignores keys that it does not know does so", () => {
  const url = parseServiceUrl("x://h?colour=red&text=a");
  assert.deepEqual(readProperties(url, { text: text() }, { unknown: "ignore" }), { text: "a" });
});

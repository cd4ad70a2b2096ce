import assert from "node:assert/strict";
import { test } from "node:test";
import { parseServiceUrl, pathParts, type ServiceUrl } from "./service-url.ts";
import { UrlRefused } from "./url-refused.ts";

/** URLs and what Go's net/url makes of them. */
const understood: readonly (readonly [string, Partial<ServiceUrl>])[] = [
  ["SLACK://Tok@C01Channel", { scheme: "slack", user: "Tok", password: undefined, hostname: "C01Channel", path: "" }],
  ["generic+HTTPS://h/", { scheme: "generic+https", hostname: "h", path: "/" }],
  ["teams://group@tenant:alt@owner", { user: "group@tenant", password: "alt", hostname: "owner" }],
  ["smtp://a:b:c@h", { user: "a", password: "b:c" }],
  ["smtp://u:p%40%3A%2F%3f%23%25@h:25", { user: "u", password: "p@:/?#%", hostname: "h", port: "25" }],
  ["smtp://u:@h", { user: "u", password: "" }],
  ["smtp://:p@h", { user: "", password: "p" }],
  ["smtp://h:", { hostname: "h", port: "" }],
  ["smtp://[::1]:25", { hostname: "[::1]", port: "25" }],
  ["ntfy://h/a%2Fb%20c", { path: "/a/b c", rawPath: "/a%2Fb%20c" }],
  ["slack://a+b@h?title=a+b%2Bc", { user: "a+b", query: [["title", "a b+c"]] }],
  [
    "slack://h?a=1&a=2&&b",
    {
      query: [
        ["a", "1"],
        ["a", "2"],
        ["b", ""],
      ],
    },
  ],
  ["slack://h?a=1;b=2&c=%zz&d=%C3%BC", { query: [["d", "ü"]] }],
  ["slack://h/p#frag%20ment?x", { fragment: "frag ment?x", query: [] }],
  ["slack://h?x=/a/b@c:d", { hostname: "h", query: [["x", "/a/b@c:d"]] }],
  ["telegram:opaque", { scheme: "telegram", hostname: "", path: "", user: undefined }],
  ["pagerduty:///key", { hostname: "", path: "/key" }],
];

for (const [text, expected] of understood)
  test(`${text} is taken apart as Go does it`, () => {
    const url = parseServiceUrl(text);
    const looked = Object.keys(expected) as (keyof ServiceUrl)[];
    assert.deepEqual(Object.fromEntries(looked.map((key) => [key, url[key]])), expected);
  });

/** What Go refuses, and our words for it, in which nothing of the URL is repeated. */
const refused: readonly (readonly [string, string])[] = [
  ["", "missing protocol scheme"],
  ["://h", "missing protocol scheme"],
  ["1slack://h", "missing protocol scheme"],
  ["slack://h:secret", "invalid port after host"],
  ["slack://u:se:cret@h:x1", "invalid port after host"],
  ["slack://[::1", "missing ']' in host"],
  ["slack://u:se%zzcret@h", "invalid URL escape in its user"],
  ["slack://u:se%2@h", "invalid URL escape in its user"],
  ["slack://u:se cret@h", "invalid userinfo"],
  ["slack://u:se[cret@h", "invalid userinfo"],
  ["slack://h/se%zcret", "invalid URL escape in its path"],
  ["slack://h#se%zcret", "invalid URL escape in its fragment"],
  ["slack://se%41cret", "invalid URL escape in its host"],
  ["slack://se\\cret", "invalid character in host name"],
  ["slack://h/se\u007fcret", "invalid control character in URL"],
  ["slack://h/se\ncret", "invalid control character in URL"],
];

for (const [text, words] of refused)
  test(`${JSON.stringify(text)} is no URL: ${words}`, () => {
    assert.throws(
      () => parseServiceUrl(text),
      (error) => error instanceof UrlRefused && error.message === words,
    );
  });

test("a path has no parts without a word in it, and an empty last one behind a slash", () => {
  const parts = ["slack://h", "slack://h/", "slack://h/a", "slack://h/a/"].map((text) =>
    pathParts(parseServiceUrl(text)),
  );
  assert.deepEqual(parts, [[], [], ["a"], ["a", ""]]);
});

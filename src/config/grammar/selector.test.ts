import assert from "node:assert/strict";
import { test } from "node:test";
import { selectorFault } from "./selector.ts";

test("a selector that the API server takes has no fault", () => {
  for (const selector of [
    ...["", " ", "app=web", "app==web", "app!=web", "app", "!app", "! app", "app=", "app = web"],
    ...["runtime=long,cost=expensive", "app in (a,b),tier notin (x, y)", "app in(a)", "app in ()", "n>5", "n < -1"],
    ...["kubernetes.io/name=x", "a.b/c_d.e-f in (1)"],
  ]) {
    assert.equal(selectorFault(selector), undefined, selector);
  }
});

test("a selector that the API server refuses is told by what is wrong in it", () => {
  for (const [selector, fault] of [
    ["...", '"..." is not the key of a label'],
    ['""', '"""" is not the key of a label'],
    ["app=web,", '"" is not a requirement on a label'],
    ["app=a b", '"app=a b" is not a requirement on a label'],
    ["app=we!b", '"app=we!b" is not a requirement on a label'],
    ["app=-web", '"-web" is not the value of a label'],
    ["app in (a,b", '"app in (a" is not a requirement on a label'],
    ["app in (a,$)", '"$" is not the value of a label'],
    ["A.B/c=d", '"A.B/c" is not the key of a label'],
    ["/c=d", '"/c" is not the key of a label'],
    ["n>x", '"n>x" is not a requirement on a label'],
    [`a=${"x".repeat(64)}`, `"${"x".repeat(64)}" is not the value of a label`],
  ] as const) {
    assert.equal(selectorFault(selector), fault);
  }
});

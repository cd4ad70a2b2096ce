import assert from "node:assert/strict";
import { test } from "node:test";
import { node } from "../../core/testing/builders.ts";
import { createKnownNodes } from "./known-nodes.ts";

test("an answer that comes late does not bring back a node that is gone, and not all that ever went are remembered", () => {
  const nodes = createKnownNodes();
  const come = (name: string) => nodes.put(node({ name, uid: `uid-${name}` }), undefined);
  const comeAndGo = (name: string) => {
    come(name);
    nodes.drop(name);
  };
  comeAndGo("first");
  assert.equal(come("first"), false);
  for (let index = 0; index < 999; index++) comeAndGo(`n${index}`);
  assert.equal(come("first"), false, "a thousand are remembered");
  comeAndGo("last");
  assert.equal(come("last"), false);
  assert.equal(come("first"), true, "an autoscaler may add and remove nodes for years");
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { node, pod } from "../testing/builders.ts";
import type { NodeFacts } from "../fleet/node.ts";
import type { JsonObject } from "../json.ts";
import { nowhereElse } from "./elsewhere.ts";
import { decodePlacement } from "./placement.ts";
import { quantity } from "./quantity.ts";

describe("Where a pod may run", () => {
  for (const [what, spec, fits] of rows()) {
    test(`${what}: ${fits ? "there" : "not there"}`, () => {
      assert.equal(whyNot(spec) === undefined, fits);
    });
  }

  test("is not told of its own node, nor of a node that says nothing of its size", () => {
    assert.equal(whyNot(selector({ disk: "hdd" }), []), undefined);
    const { allocatable, ...silent } = target;
    assert.ok(allocatable);
    assert.equal(whyNot(requests({ cpu: "64" }), [silent]), undefined);
  });

  test("counts a node that we are rebooting as one that comes back, and a person's cordon as one that does not", () => {
    const cordoned = { ...target, unschedulable: true };
    assert.match(whyNot({}, [cordoned]) ?? "", /1 is cordoned or not Ready\.$/);
    assert.match(whyNot({}, [{ ...target, ready: false }]) ?? "", /1 is cordoned or not Ready\.$/);
    assert.equal(
      whyNot({}, [cordoned], () => true),
      undefined,
    );
  });

  test("is told with the number of nodes for each reason", () => {
    const nodes = [
      { ...target, labels: {} },
      { ...target, labels: {} },
      { ...target, taints: [{ key: "gpu", effect: "NoExecute" }] },
      { ...target, allocatable: {} },
    ];
    const spec = { ...selector({ disk: "ssd" }), ...requests({ cpu: "1" }) };
    const clauses =
      "2 do not match its node selector or affinity, 1 has a taint that it does not tolerate, 1 is too small for it";
    assert.equal(whyNot(spec, nodes), `Pod shop/web-1 could run on no other node: ${clauses}.`);
  });
});

test("quantities are numbers in the unit of their resource", () => {
  const rows = {
    "32": 32,
    "100m": 0.1,
    "64Gi": 2 ** 36,
    "1k": 1_000,
    "1.5M": 1_500_000,
    "1e3": 1_000,
    ".5": 0.5,
    "2E": 2e18,
  };
  for (const [text, value] of Object.entries(rows)) assert.equal(quantity(text), value, text);
  for (const text of ["", "1 Gi", "Gi", "1x", "--1"]) assert.equal(quantity(text), undefined, text);
  assert.equal(quantity(3), 3);
});

const target: NodeFacts = node({
  name: "n2",
  labels: { disk: "ssd", rack: "7" },
  allocatable: { cpu: 4, memory: 2 ** 33, "example.com/gpu": 1 },
});

/** What, a pod's spec, and whether the target takes it. */
function rows(): readonly (readonly [string, JsonObject, boolean])[] {
  return [
    ["a pod without wishes", {}, true],
    ["a selector that matches", selector({ disk: "ssd" }), true],
    ["a selector that does not", selector({ disk: "ssd", zone: "a" }), false],
    ["affinity, In", affinity(["disk", "In", "hdd", "ssd"]), true],
    ["affinity, In other values", affinity(["disk", "In", "hdd"]), false],
    ["affinity, NotIn", affinity(["disk", "NotIn", "hdd"]), true],
    ["affinity, NotIn of a label that is absent", affinity(["zone", "NotIn", "a"]), true],
    ["affinity, Exists", affinity(["zone", "Exists"]), false],
    ["affinity, DoesNotExist", affinity(["disk", "DoesNotExist"]), false],
    ["affinity, Gt", affinity(["rack", "Gt", "6"]), true],
    ["affinity, Lt", affinity(["rack", "Lt", "7"]), false],
    ["affinity, Gt of what is no number", affinity(["disk", "Gt", "6"]), false],
    ["affinity, two terms of which one matches", affinity(["disk", "In", "hdd"], ["rack", "In", "7"]), true],
    ["affinity, a term without requirements", affinity([]), false],
    ["affinity to another node by name", terms({ matchFields: [expression(["metadata.name", "In", "n1"])] }), false],
    ["affinity to this node by name", terms({ matchFields: [expression(["metadata.name", "In", "n2"])] }), true],
    ["a little of everything", requests({ cpu: "100m", memory: "1Gi" }), true],
    ["all of the node, in parts", requests({ cpu: "800m" }, { cpu: "2300m" }, { cpu: "900m" }), true],
    ["more memory than the node has", requests({ memory: "9Gi" }), false],
    ["a resource that the node does not have", requests({ "example.com/fpga": "1" }), false],
    ["two containers that want the one GPU", requests({ "example.com/gpu": "1" }, { "example.com/gpu": "1" }), false],
  ];
}

describe("A taint of another node", () => {
  const taint = { key: "team", value: "a", effect: "NoSchedule" };
  const on = (one: JsonObject, tolerations: readonly JsonObject[]) =>
    whyNot({ tolerations }, [{ ...target, taints: [one] }]) === undefined;

  test("keeps a pod away that does not tolerate it", () => {
    assert.equal(on(taint, []), false);
    assert.equal(on(taint, [{ key: "team", value: "b", effect: "NoSchedule" }]), false);
    assert.equal(on(taint, [{ key: "team", operator: "Exists", effect: "NoExecute" }]), false);
  });

  test("does not where it is tolerated, is only a preference, or is Kubernetes' own for a node's condition", () => {
    assert.equal(on(taint, [{ key: "team", value: "a" }]), true);
    assert.equal(on(taint, [{ key: "team", operator: "Exists", effect: "NoSchedule" }]), true);
    assert.equal(on(taint, [{ operator: "Exists" }]), true);
    const operator = "Gt";
    assert.equal(on(taint, [{ key: "team", operator, value: "5" }]), true, "an operator of which we know nothing");
    assert.equal(on({ ...taint, effect: "PreferNoSchedule" }, []), true);
    assert.equal(on({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }, []), true);
  });
});

function whyNot(
  spec: JsonObject,
  others: readonly NodeFacts[] = [target],
  comesBack = () => false,
): string | undefined {
  const placement = decodePlacement(spec);
  const nodes = [node({ name: "n1" }), ...others];
  return nowhereElse(pod({ ...(placement && { placement }) }), {
    from: "n1",
    nodes,
    comesBack,
    volumes: [],
    known: new Map(),
  });
}

function selector(nodeSelector: JsonObject): JsonObject {
  return { nodeSelector };
}

function requests(...each: readonly JsonObject[]): JsonObject {
  return { containers: each.map((amounts) => ({ resources: { requests: amounts } })) };
}

/** One term of one requirement each. */
function affinity(...requirements: readonly (readonly string[])[]): JsonObject {
  return terms(...requirements.map((one) => (one.length === 0 ? {} : { matchExpressions: [expression(one)] })));
}

function terms(...nodeSelectorTerms: readonly JsonObject[]): JsonObject {
  const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { affinity: { nodeAffinity: required } };
}

function expression([key = "", operator = "", ...values]: readonly string[]): JsonObject {
  return { key, operator, values };
}

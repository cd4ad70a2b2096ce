import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, formatFor } from "./exposition.ts";
import type { ExpositionFormat } from "./exposition.ts";
import { families } from "./families.ts";
import { createMetrics } from "./metrics.ts";
import type { MetricsRegistry } from "./metrics.ts";

function textOf(act: (metrics: MetricsRegistry) => void, format: ExpositionFormat = "classic"): string {
  const metrics = createMetrics(families);
  act(metrics);
  return expose(metrics.read(), format);
}

test("kured's own gauge reads as in kured", () => {
  const text = textOf((metrics) => metrics.set("kured_reboot_required", { labels: { node: "n1" }, value: 0 }));
  assert.equal(
    text,
    "# HELP kured_reboot_required OS requires reboot due to software updates.\n" +
      "# TYPE kured_reboot_required gauge\n" +
      'kured_reboot_required{node="n1"} 0\n',
  );
});

test("a family is shown as soon as it has a series, and not before", () => {
  assert.equal(
    textOf(() => undefined),
    "",
  );
  assert.equal(
    textOf(() => undefined, "openMetrics"),
    "# EOF\n",
  );
});

test("counters grow, and a histogram has buckets that hold the smaller ones, a sum and a count", () => {
  const act = (metrics: MetricsRegistry): void => {
    metrics.add("kured_evictions_total", { labels: { outcome: "evicted" } });
    metrics.add("kured_evictions_total", { labels: { outcome: "evicted" }, value: 2 });
    metrics.add("kured_decide_seconds", { labels: {}, value: 0.25 });
    metrics.add("kured_decide_seconds", { labels: {}, value: 0.5 });
    metrics.add("kured_decide_seconds", { labels: {}, value: 1 });
  };
  const lines = textOf(act).split("\n");
  assert.ok(lines.includes("# TYPE kured_evictions_total counter"));
  assert.ok(lines.includes('kured_evictions_total{outcome="evicted"} 3'));
  assert.deepEqual(
    lines.filter((line) => /kured_decide_seconds\S* (histogram|[\d.]+)$/.test(line)),
    [
      "# TYPE kured_decide_seconds histogram",
      ...["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1"].map(
        (bound) => `kured_decide_seconds_bucket{le="${bound}"} 0`,
      ),
      'kured_decide_seconds_bucket{le="0.25"} 1',
      'kured_decide_seconds_bucket{le="0.5"} 2',
      'kured_decide_seconds_bucket{le="+Inf"} 3',
      "kured_decide_seconds_sum 1.75",
      "kured_decide_seconds_count 3",
    ],
  );
  const open = textOf(act, "openMetrics").split("\n");
  assert.ok(open.includes("# TYPE kured_evictions counter"));
  assert.ok(open.includes('kured_evictions_total{outcome="evicted"} 3'));
  assert.deepEqual(open.slice(-2), ["# EOF", ""]);
});

test("labels come in the order of the table and are escaped", () => {
  const text = textOf((metrics) =>
    metrics.set("kured_node_state", { labels: { code: 'a"\\\n', node: "n1" }, value: 1 }),
  );
  assert.ok(text.includes('kured_node_state{node="n1",code="a\\"\\\\\\n"} 1\n'));
});

test("a node that is gone leaves no series behind", () => {
  const text = textOf((metrics) => {
    metrics.set("kured_node_state", { labels: { node: "n1", code: "Queued" }, value: 1 });
    metrics.set("kured_node_state", { labels: { node: "n1", code: "Done" }, value: 1 });
    metrics.set("kured_node_state", { labels: { node: "n2", code: "Queued" }, value: 1 });
    metrics.remove("kured_node_state", { labels: { node: "n1" } });
  });
  assert.deepEqual(text.match(/^kured_node_state.*$/gm), ['kured_node_state{node="n2",code="Queued"} 1']);
});

test("a state that has passed leaves no series behind, and no other goes with it", () => {
  const text = textOf((metrics) => {
    metrics.set("kured_node_state", { labels: { node: "n1", code: "Queued" }, value: 1 });
    metrics.set("kured_node_state", { labels: { node: "n1", code: "Done" }, value: 1 });
    metrics.remove("kured_node_state", { labels: { code: "Queued", node: "n1" } });
    metrics.remove("kured_node_state", { labels: { code: "Queued", node: "n2" } });
  });
  assert.deepEqual(text.match(/^kured_node_state.*$/gm), ['kured_node_state{node="n1",code="Done"} 1']);
});

test("a name, label or amount that the table does not allow is a mistake and throws", () => {
  const metrics = createMetrics(families);
  assert.throws(() => metrics.set("kured_nothing", { labels: {}, value: 1 }), /kured_nothing/);
  assert.throws(() => metrics.set("kured_reboot_required", { labels: {}, value: 1 }), /labels node/);
  assert.throws(() => metrics.set("kured_reboot_required", { labels: { node: "a", x: "b" }, value: 1 }), /node, x/);
  assert.throws(() => metrics.set("kured_evictions_total", { labels: { outcome: "x" }, value: 1 }), /counter/);
  assert.throws(() => metrics.add("kured_evictions_total", { labels: { outcome: "x" }, value: -1 }), /-1/);
  assert.throws(() => metrics.add("kured_reboot_required", { labels: { node: "n" } }), /kured_reboot_required/);
});

test("infinite and missing values have their own spelling", () => {
  const values = [Infinity, -Infinity, NaN, 1e21, 1.5, -0].map((value) =>
    textOf((metrics) => metrics.set("kured_reboot_required", { labels: { node: "n" }, value }))
      .trimEnd()
      .split(" ")
      .at(-1),
  );
  assert.deepEqual(values, ["+Inf", "-Inf", "NaN", "1e+21", "1.5", "0"]);
});

test("OpenMetrics is for those who ask for it first", () => {
  const prometheus =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
  assert.equal(formatFor(prometheus), "openMetrics");
  assert.equal(formatFor(""), "classic");
  assert.equal(formatFor("*/*"), "classic");
  assert.equal(formatFor("text/plain"), "classic");
  assert.equal(formatFor("text/plain, application/openmetrics-text;q=0.5"), "classic");
  assert.equal(formatFor("application/openmetrics-text; q=0"), "classic");
});

test("families come in the order of their names, those of a counter end in _total", () => {
  const metrics = createMetrics(families, {
    collect: () => [
      { family: { name: "a", type: "gauge", help: "h", labels: [] }, samples: [{ suffix: "", labels: {}, value: 1 }] },
    ],
  });
  const names = metrics.read().map(({ family }) => family.name);
  assert.deepEqual(names, names.toSorted());
  assert.equal(names[0], "a");
  for (const { name, type } of families) assert.equal(type === "counter", name.endsWith("_total"), name);
});

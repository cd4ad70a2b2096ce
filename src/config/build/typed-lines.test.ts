import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { describeWindow, windowAt } from "../../core/window/classic.ts";
import { parseArguments } from "../parse-arguments.ts";
import type { Settings } from "../settings.ts";

// Command lines as articles and manifests print them, and the corners of the grammar beside them.

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function parse({ argv = [], env = {} }: Given) {
  return parseArguments({ argv, env: { KURED_NODE_ID: "n1", ...env }, program: "kured", localZone: "UTC" });
}

function settingsOf(given: Given): Settings {
  const outcome = parse(given);
  assert.ok(outcome.kind === "settings", inspect(outcome));
  return outcome.settings;
}

function refusalOf(given: Given) {
  const outcome = parse(given);
  assert.ok(outcome.kind === "refused", inspect(outcome));
  return outcome;
}

const evenings = ["--reboot-days", "mon,tue,wed,thu,fri", "--start-time", "5pm", "--time-zone", "America/New_York"];

test("weekday evenings until 12am, typed as separate words, end with the day", () => {
  const { window } = settingsOf({ argv: [...evenings, "--end-time", "12am"] });
  assert.equal(describeWindow(window), "---MonTueWedThuFri--- between 17:00 and 00:00 America/New_York");
  const isOpen = (instant: string) => windowAt(window, Date.parse(instant)).open;
  assert.equal(isOpen("2024-01-01T16:59:59.999-05:00"), false);
  assert.equal(isOpen("2024-01-01T17:00:00-05:00"), true);
  assert.equal(isOpen("2024-01-01T23:59:59.999-05:00"), true);
  // The end's own second belongs to the window, as always, on the days that are named.
  assert.equal(isOpen("2024-01-02T00:00:00.999-05:00"), true);
  assert.equal(isOpen("2024-01-02T00:00:01-05:00"), false);
  assert.equal(isOpen("2024-01-05T23:00:00-05:00"), true, "Friday");
  assert.equal(isOpen("2024-01-06T00:00:00-05:00"), false, "Saturday");
  assert.equal(isOpen("2024-01-06T18:00:00-05:00"), false, "Saturday");
});

test("weekday evenings until 11:59pm leave the last minute of the day out", () => {
  const { window } = settingsOf({ argv: [...evenings, "--end-time=11:59pm"] });
  const isOpen = (instant: string) => windowAt(window, Date.parse(instant)).open;
  assert.equal(isOpen("2024-07-01T23:59:00-04:00"), true);
  assert.equal(isOpen("2024-07-01T23:59:01-04:00"), false);
  assert.equal(isOpen("2024-07-02T00:00:00-04:00"), false);
});

test("a flag is known by its exact name only", () => {
  for (const name of ["perio", "drain_timeout", "Force-Reboot", "version", "kubeconfig", "log-level"]) {
    const { exitCode, stderr } = refusalOf({ argv: [`--${name}=1`] });
    assert.deepEqual([exitCode, stderr.trimEnd().split("\n").at(-1)], [2, `unknown flag: --${name}`]);
  }
});

test("a list wholly in double quotes is one item, and spaces belong to the items", () => {
  for (const [days, item] of [
    ['"mon,tue"', "mon,tue"],
    ["mon, tue", " tue"],
  ] as const) {
    const { exitCode, fatal } = refusalOf({ argv: [`--reboot-days=${days}`] });
    assert.deepEqual([exitCode, fatal], [1, [`Failed to build time window: invalid weekday: ${item}`]]);
  }
  const { preRebootNodeLabels } = settingsOf({ argv: ['--pre-reboot-node-labels="k=v"'] });
  assert.deepEqual(preRebootNodeLabels, [{ key: "k", value: "v" }]);
});

test("an empty list is a list, from the command line and from the environment", () => {
  assert.deepEqual(settingsOf({ argv: ["--pre-reboot-node-labels="] }).preRebootNodeLabels, []);
  assert.deepEqual(settingsOf({ env: { KURED_POST_REBOOT_NODE_LABELS: "" } }).postRebootNodeLabels, []);
  assert.ok(!settingsOf({ env: { KURED_REBOOT_DAYS: "" } }).window.days.includes(true));
});

test("an empty variable is a value: wrong for numbers and times, empty for texts, everything for the filter", () => {
  for (const [variable, said] of [
    ["KURED_REBOOT_SIGNAL", "Invalid value for env var named KURED_REBOOT_SIGNAL: "],
    ["KURED_ANNOTATE_NODES", "Invalid value for KURED_ANNOTATE_NODES: "],
    ["KURED_LOCK_TTL", "Invalid duration for KURED_LOCK_TTL: "],
  ] as const) {
    const { exitCode, stdout } = refusalOf({ env: { [variable]: "" } });
    assert.deepEqual([exitCode, stdout], [1, `${said}\n`]);
  }
  const argv = ["--slack-username=prod", "--alert-filter-regexp=x"];
  const settings = settingsOf({ argv, env: { KURED_SLACK_USERNAME: "", KURED_ALERT_FILTER_REGEXP: "" } });
  assert.deepEqual([settings.notifications.slackUsername, settings.alerts.filter], ["", ""]);
});

test("the environment keeps quotes round a text, where they are not its only characters", () => {
  const { prometheusUrl } = settingsOf({ env: { KURED_PROMETHEUS_URL: '"http://p"' } }).alerts;
  assert.equal(prometheusUrl, '"http://p"');
});

test("a host for the metrics may be IPv6, in brackets as Go wants it", () => {
  assert.deepEqual(settingsOf({ argv: ["--metrics-host=[::1]"] }).metrics, { host: "::1", port: 8080 });
});

test("the number of a Service's other variables is nothing to us", () => {
  const env = { KURED_PORT: "tcp://10.0.0.1:8080", KURED_SERVICE_HOST: "10.0.0.1", KURED_METRICS_SERVICE_PORT: "80" };
  const outcome = parse({ env });
  assert.ok(outcome.kind === "settings");
  assert.deepEqual([outcome.settings.metrics.port, outcome.warnings], [8080, []]);
});

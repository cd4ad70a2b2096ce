import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { environmentName, optionsOf, type OptionName } from "./options.ts";
import { kuredOptions } from "./options/kured.ts";
import { parseArguments } from "./parse-arguments.ts";
import type { Settings } from "./settings.ts";

// Each of kured's 43 flags from the command line, from the environment, and from both: what each leads to.

interface Row {
  readonly flag: OptionName;
  /** On the command line and what is then read; likewise in the environment, which wins. */
  readonly typed: readonly [text: string, read: unknown];
  readonly set: readonly [text: string, read: unknown];
  readonly read: (settings: Settings) => unknown;
  /** Where the value has an effect only beside others. */
  readonly beside?: readonly string[];
  /** Lists grow: what both together lead to. */
  readonly both?: unknown;
}

function text(flag: OptionName, read: Row["read"]): Row {
  return { flag, typed: ["one", "one"], set: ["two", "two"], read };
}

function duration(flag: OptionName, read: Row["read"]): Row {
  return { flag, typed: ["1h30m", 5_400_000], set: ["250ms", 250], read };
}

/** On the command line a leading zero makes it octal, in the environment it does not. */
function int(flag: OptionName, read: Row["read"]): Row {
  return { flag, typed: ["017", 15], set: ["017", 17], read };
}

function bool(flag: OptionName, read: Row["read"]): Row {
  return { flag, typed: ["T", true], set: ["0", false], read };
}

const both = <T>(one: T, two: T) => ({ one: [one], two: [two], both: [one, two] });
const [labelOne, labelTwo] = [
  { key: "a", value: "1" },
  { key: "b", value: "2" },
];
const labels = both(labelOne, labelTwo);
const [sunday, monday] = ["1000000", "0100000"];
const command = { sentinel: "needs-restarting -r", reboot: "/sbin/reboot now" };

const rows: readonly Row[] = [
  bool("alert-filter-match-only", ({ alerts }) => alerts.matchOnly),
  text("alert-filter-regexp", ({ alerts }) => alerts.filter),
  bool("alert-firing-only", ({ alerts }) => alerts.firingOnly),
  bool("annotate-nodes", ({ annotateNodes }) => annotateNodes),
  {
    flag: "blocking-pod-selector",
    typed: ["a=b,c", ["a=b,c"]],
    set: ["d", ["d"]],
    read: ({ blockingPodSelectors }) => blockingPodSelectors,
    both: ["a=b,c", "d"],
  },
  int("concurrency", ({ lock }) => lock.concurrency),
  duration("drain-delay", ({ drain }) => drain.delayMs),
  int("drain-grace-period", ({ drain }) => drain.gracePeriodSeconds),
  text("drain-pod-selector", ({ drain }) => drain.podSelector),
  duration("drain-timeout", ({ drain }) => drain.timeoutMs),
  text("ds-name", ({ lock }) => lock.daemonSetName),
  text("ds-namespace", ({ lock }) => lock.daemonSetNamespace),
  { flag: "end-time", typed: ["5pm", 61_200], set: ["01:00:01", 3_601], read: ({ window }) => window.endSecondOfDay },
  bool("force-reboot", ({ forceReboot }) => forceReboot),
  text("lock-annotation", ({ lock }) => lock.annotation),
  duration("lock-release-delay", ({ lock }) => lock.releaseDelayMs),
  duration("lock-ttl", ({ lock }) => Number(lock.ttlNanoseconds) / 1e6),
  { flag: "log-format", typed: ["json", "json"], set: ["text", "text"], read: ({ log }) => log.format },
  text("message-template-drain", ({ notifications }) => notifications.templates.drain),
  text("message-template-reboot", ({ notifications }) => notifications.templates.reboot),
  text("message-template-uncordon", ({ notifications }) => notifications.templates.uncordon),
  text("metrics-host", ({ metrics }) => metrics.host),
  int("metrics-port", ({ metrics }) => metrics.port),
  text("node-id", ({ nodeId }) => nodeId),
  text("notify-url", ({ notifications }) => notifications.url),
  duration("period", ({ periodMs }) => periodMs),
  {
    flag: "post-reboot-node-labels",
    typed: ["a=1", labels.one],
    set: ["b=2", labels.two],
    read: ({ postRebootNodeLabels }) => postRebootNodeLabels,
    both: labels.both,
  },
  {
    flag: "pre-reboot-node-labels",
    typed: ["a=1", labels.one],
    set: ["b=2", labels.two],
    read: ({ preRebootNodeLabels }) => preRebootNodeLabels,
    both: labels.both,
  },
  text("prefer-no-schedule-taint", ({ preferNoScheduleTaint }) => preferNoScheduleTaint),
  text("prometheus-url", ({ alerts }) => alerts.prometheusUrl),
  {
    flag: "reboot-command",
    typed: [command.reboot, command.reboot.split(" ")],
    set: ["init 6", ["init", "6"]],
    read: ({ reboot }) => reboot.method.kind === "command" && reboot.method.command.words,
  },
  {
    flag: "reboot-days",
    typed: ["sun", sunday],
    set: ["1", monday],
    read: ({ window }) => window.days.map(Number).join(""),
    both: "1100000",
  },
  duration("reboot-delay", ({ reboot }) => reboot.delayMs),
  {
    flag: "reboot-method",
    typed: ["signal", "signal"],
    set: ["command", "command"],
    read: ({ reboot }) => reboot.method.kind,
  },
  text("reboot-sentinel", ({ sentinel }) => sentinel.kind === "file" && sentinel.path),
  {
    flag: "reboot-sentinel-command",
    typed: [command.sentinel, command.sentinel.split(" ")],
    set: ["true", ["true"]],
    read: ({ sentinel }) => sentinel.kind === "command" && sentinel.command.words,
  },
  {
    ...int("reboot-signal", ({ reboot }) => reboot.method.kind === "signal" && reboot.method.signalNumber),
    beside: ["--reboot-method=signal"],
  },
  int("skip-wait-for-delete-timeout", ({ drain }) => drain.skipWaitForDeleteTimeoutSeconds),
  text("slack-channel", ({ notifications }) => notifications.slackChannel),
  text("slack-hook-url", ({ notifications }) => notifications.slackHookUrl),
  text("slack-username", ({ notifications }) => notifications.slackUsername),
  { flag: "start-time", typed: ["5pm", 61_200], set: ["8", 28_800], read: ({ window }) => window.startSecondOfDay },
  {
    flag: "time-zone",
    typed: ["America/New_York", "America/New_York"],
    set: ["Europe/Berlin", "Europe/Berlin"],
    read: ({ window }) => window.zone.id,
  },
];

test("the table has each of the 43 flags once", () => {
  const flags = rows.map(({ flag }) => flag);
  assert.deepEqual(flags, Object.keys(kuredOptions).toSorted());
  assert.equal(flags.length, 43);
});

for (const { flag, typed, set, read, beside = [], both: together = set[1] } of rows)
  test(`--${flag} is taken from the command line in both forms, and from ${environmentName(flag)} before it`, () => {
    const readFrom = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): unknown => {
      const given = { KURED_NODE_ID: "n1", ...env };
      const { KURED_NODE_ID: _own, ...without } = given;
      const fromNobody = flag === "node-id" && env["KURED_NODE_ID"] === undefined;
      const outcome = parseArguments({
        argv: [...beside, ...argv],
        env: fromNobody ? without : given,
        program: "kured",
        localZone: "UTC",
      });
      assert.ok(outcome.kind === "settings", inspect(outcome));
      return read(outcome.settings);
    };
    const env = { [environmentName(flag)]: set[0] };
    assert.deepEqual(readFrom([`--${flag}=${typed[0]}`]), typed[1]);
    const isSwitch = optionsOf("classic").find(({ name }) => name === flag)?.type === "bool";
    if (!isSwitch) assert.deepEqual(readFrom([`--${flag}`, typed[0]]), typed[1]);
    assert.deepEqual(readFrom([], env), set[1]);
    assert.deepEqual(readFrom([`--${flag}=${typed[0]}`], env), together);
  });

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { parseArguments } from "./parse-arguments.ts";
import type { ArgumentsOutcome, Refusal } from "./parse-arguments.ts";
import type { Settings } from "./settings.ts";

interface Given {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function parse({ argv = [], env = {} }: Given): ArgumentsOutcome {
  return parseArguments({ argv, env: { KURED_NODE_ID: "n1", ...env }, program: "/usr/bin/kured", localZone: "UTC" });
}

function settingsOf(given: Given): Settings {
  const outcome = parse(given);
  assert.equal(outcome.kind, "settings", inspect(outcome));
  assert.ok(outcome.kind === "settings");
  return outcome.settings;
}

function warningsOf(given: Given): readonly string[] {
  const outcome = parse(given);
  assert.ok(outcome.kind === "settings", inspect(outcome));
  return outcome.warnings.map(({ code }) => code);
}

function refusalOf(given: Given): Refusal {
  const outcome = parse(given);
  assert.ok(outcome.kind === "refused", outcome.kind);
  return outcome;
}

/** The last line of the standard error, where kured says what was wrong. */
function lastLine(argv: readonly string[]): string {
  const { exitCode, stdout, stderr, fatal } = refusalOf({ argv });
  assert.deepEqual({ exitCode, stdout, fatal }, { exitCode: 2, stdout: "", fatal: [] });
  assert.ok(stderr.startsWith("Usage of /usr/bin/kured:\n"));
  return stderr.trimEnd().split("\n").at(-1) ?? "";
}

test("without arguments every setting has kured's default", () => {
  const settings = settingsOf({});
  assert.deepEqual(settings, {
    command: "classic",
    positionals: [],
    nodeId: "n1",
    pod: { uid: "", name: "", namespace: "" },
    log: { format: "text" },
    notifications: {
      url: "",
      slackHookUrl: "",
      slackUsername: "kured",
      slackChannel: "",
      templates: {
        drain: "Draining node %s",
        reboot: "Rebooting node %s",
        uncordon: "Node %s rebooted & uncordoned successfully!",
      },
    },
    preRebootNodeLabels: undefined,
    postRebootNodeLabels: undefined,
    periodMs: 3_600_000,
    window: {
      days: [true, true, true, true, true, true, true],
      startSecondOfDay: 0,
      endSecondOfDay: 86_399,
      zone: { name: "UTC", id: "UTC" },
    },
    reboot: {
      method: {
        kind: "command",
        command: { text: "/bin/systemctl reboot", words: ["/bin/systemctl", "reboot"] },
        timeoutMs: 60_000,
      },
      delayMs: 0,
      deadlineMs: 600_000,
      failed: "give-back",
      bootIdFile: undefined,
    },
    sentinel: { kind: "file", path: "/var/run/reboot-required" },
    alerts: { prometheusUrl: "", filter: undefined, matchOnly: false, firingOnly: false },
    blockingPodSelectors: [],
    lock: {
      daemonSetName: "kured",
      daemonSetNamespace: "kube-system",
      annotation: "weave.works/kured-node-lock",
      ttlNanoseconds: 0n,
      ttlMs: 0,
      releaseDelayMs: 0,
      concurrency: 1,
    },
    lease: { name: "kured", durationMs: 15_000 },
    maxUnavailable: 1,
    drain: {
      delayMs: 0,
      timeoutMs: undefined,
      gracePeriodSeconds: undefined,
      podSelector: "",
      skipWaitForDeleteTimeoutSeconds: 0,
      rules: [],
      onTimeout: "abort",
      feasibility: "block",
      hardEndMs: 0,
      readyElsewhere: { waits: "nothing", timeoutMs: 300_000 },
      volumeDetachTimeoutMs: 0,
    },
    forceReboot: false,
    annotateNodes: false,
    preferNoScheduleTaint: "",
    metrics: { host: "", port: 8080 },
    kubeconfig: { path: "", context: "" },
    output: "text",
  });
  assert.deepEqual(warningsOf({}), []);
});

test("a value follows its flag after an equals sign or as the next argument, even if it begins with a dash", () => {
  assert.equal(settingsOf({ argv: ["--ds-name=a"] }).lock.daemonSetName, "a");
  assert.equal(settingsOf({ argv: ["--ds-name", "a"] }).lock.daemonSetName, "a");
  assert.equal(settingsOf({ argv: ["--ds-name", "--x"] }).lock.daemonSetName, "--x");
  assert.equal(settingsOf({ argv: ["--drain-grace-period", "-1"] }).drain.gracePeriodSeconds, undefined);
  assert.equal(settingsOf({ argv: ["--drain-grace-period", "0"] }).drain.gracePeriodSeconds, 0);
  assert.equal(settingsOf({ argv: ["--ds-name=a=b"] }).lock.daemonSetName, "a=b");
  assert.equal(settingsOf({ argv: ["--ds-name=a", "--ds-name=b"] }).lock.daemonSetName, "b");
});

test("a switch takes its value only after an equals sign, and the stray word is told", () => {
  assert.equal(settingsOf({ argv: ["--force-reboot"] }).forceReboot, true);
  assert.equal(settingsOf({ argv: ["--force-reboot=false"] }).forceReboot, false);
  assert.equal(settingsOf({ argv: ["--force-reboot", "false"] }).forceReboot, true);
  assert.deepEqual(warningsOf({ argv: ["--force-reboot", "false"] }), ["ArgumentIgnored"]);
});

test("arguments without a flag may stand anywhere, and two dashes end the flags", () => {
  const settings = settingsOf({ argv: ["a", "--ds-name=x", "-", "--", "--ds-name=y"] });
  assert.equal(settings.lock.daemonSetName, "x");
  assert.deepEqual(settings.positionals, ["a", "-", "--ds-name=y"]);
});

test("a wrong command line ends with 2, the usage and kured's message", () => {
  assert.equal(lastLine(["--foo"]), "unknown flag: --foo");
  assert.equal(lastLine(["--foo=1"]), "unknown flag: --foo");
  assert.equal(lastLine(["--Period=1h"]), "unknown flag: --Period");
  assert.equal(lastLine(["--version"]), "unknown flag: --version");
  assert.equal(lastLine(["-node-id=x"]), "unknown shorthand flag: 'n' in -node-id=x");
  assert.equal(lastLine(["--=x"]), "bad flag syntax: --=x");
  assert.equal(lastLine(["---x"]), "bad flag syntax: ---x");
  assert.equal(lastLine(["--period"]), "flag needs an argument: --period");
  assert.equal(
    lastLine(["--period=300"]),
    'invalid argument "300" for "--period" flag: time: missing unit in duration "300"',
  );
  assert.equal(
    lastLine(["--concurrency=x"]),
    'invalid argument "x" for "--concurrency" flag: strconv.ParseInt: parsing "x": invalid syntax',
  );
  assert.equal(
    lastLine(["--concurrency="]),
    'invalid argument "" for "--concurrency" flag: strconv.ParseInt: parsing "": invalid syntax',
  );
  assert.equal(
    lastLine(["--annotate-nodes=yes"]),
    'invalid argument "yes" for "--annotate-nodes" flag: strconv.ParseBool: parsing "yes": invalid syntax',
  );
  assert.equal(
    lastLine(['--reboot-days=m"o']),
    'invalid argument "m\\"o" for "--reboot-days" flag: parse error on line 1, column 2: bare " in non-quoted-field',
  );
});

test("all mistakes are told at once, each with its code", () => {
  const refusal = refusalOf({
    argv: ["--foo", "--period=1d", "--reboot-days=mon,xyz", "--start-time=25:00"],
    env: { KURED_CONCURRENCY: "many", KURED_NODE_ID: "" },
  });
  assert.deepEqual(
    refusal.problems.map(({ code }) => code),
    [
      ...["UnknownFlag", "InvalidDuration", "InvalidInteger"],
      ...["NodeIdMissing", "InvalidWeekday", "InvalidTimeOfDay"],
    ],
  );
  for (const { message } of refusal.problems) assert.ok(refusal.stderr.includes(`${message}\n`), message);
});

test("a wrong environment ends with 1 and kured's message on the standard output", () => {
  for (const [variable, value, message] of [
    ["KURED_CONCURRENCY", "0x1", "Invalid value for env var named KURED_CONCURRENCY: 0x1"],
    ["KURED_METRICS_PORT", "", "Invalid value for env var named KURED_METRICS_PORT: "],
    ["KURED_FORCE_REBOOT", "yes", "Invalid value for KURED_FORCE_REBOOT: yes"],
    ["KURED_FORCE_REBOOT", "", "Invalid value for KURED_FORCE_REBOOT: "],
    ["KURED_PERIOD", "1d", "Invalid duration for KURED_PERIOD: 1d"],
    ["KURED_REBOOT_DAYS", 'm"o', 'cannot set flag reboot-days from env{KURED_REBOOT_DAYS}: m"o'],
  ] as const) {
    const refusal = refusalOf({ env: { [variable]: value } });
    assert.equal(refusal.exitCode, 1);
    assert.equal(refusal.stdout, `${message}\n`);
    assert.deepEqual(refusal.fatal, []);
    assert.match(refusal.stderr, /\(Invalid\w+\)\n$/);
  }
});

test("the environment wins over the command line, even with an empty value", () => {
  const given = {
    argv: ["--ds-name=a", "--prometheus-url=http://x"],
    env: { KURED_DS_NAME: "b", KURED_PROMETHEUS_URL: "" },
  };
  assert.equal(settingsOf(given).lock.daemonSetName, "b");
  assert.equal(settingsOf(given).alerts.prometheusUrl, "");
  assert.equal(settingsOf({ env: { KURED_CONCURRENCY: "017" } }).lock.concurrency, 17);
  assert.equal(settingsOf({ argv: ["--concurrency=017"] }).lock.concurrency, 15);
});

test("lists grow with every flag and with the environment; only the first value replaces the default", () => {
  const days = (given: Given) => settingsOf(given).window.days.map(Number).join("");
  assert.equal(days({ argv: ["--reboot-days=mon"] }), "0100000");
  assert.equal(days({ argv: ["--reboot-days=mon", "--reboot-days=fri,sat"] }), "0100011");
  assert.equal(days({ argv: ["--reboot-days=mon"], env: { KURED_REBOOT_DAYS: "tue" } }), "0110000");
  assert.equal(days({ env: { KURED_REBOOT_DAYS: "tue" } }), "0010000");
  assert.equal(days({ argv: ["--reboot-days="] }), "0000000");
  assert.deepEqual(warningsOf({ argv: ["--reboot-days="] }), ["NeverOpen"]);
});

test("pods that block come from flags and, unlike in kured, from the environment too", () => {
  const argv = ["--blocking-pod-selector=runtime=long,cost=expensive", "--blocking-pod-selector=name=temperamental"];
  const fromFlags = ["runtime=long,cost=expensive", "name=temperamental"];
  assert.deepEqual(settingsOf({ argv }).blockingPodSelectors, fromFlags);
  const env = { KURED_BLOCKING_POD_SELECTOR: "app=web\ntier in (db,cache)\n" };
  assert.deepEqual(settingsOf({ argv, env }).blockingPodSelectors, [...fromFlags, "app=web", "tier in (db,cache)"]);
  assert.deepEqual(settingsOf({ env: { KURED_BLOCKING_POD_SELECTOR: "" } }).blockingPodSelectors, []);
  assert.deepEqual(settingsOf({ argv: ["--blocking-pod-selector="] }).blockingPodSelectors, [""]);
  assert.deepEqual(warningsOf({ argv: ["--blocking-pod-selector="] }), ["EveryPodBlocks"]);
});

test("what cannot work is fatal, in kured's words and in its order", () => {
  const argv = ["--reboot-days=mon, tue,9", "--start-time=noon", "--end-time=24:00", "--time-zone=Mars"];
  argv.push("--reboot-method=kexec", "--reboot-sentinel-command='x", "--drain-pod-selector=a b", "--log-format=json");
  const refusal = refusalOf({ argv, env: { KURED_NODE_ID: "" } });
  assert.equal(refusal.exitCode, 1);
  assert.equal(refusal.logFormat, "json");
  assert.equal(refusal.stdout + refusal.stderr, "");
  assert.deepEqual(refusal.fatal, [
    "KURED_NODE_ID environment variable required",
    "Failed to build time window: invalid weekday:  tue",
    "Failed to build time window: invalid weekday, number out of range: 9",
    "Failed to build time window: invalid time format: noon",
    "Failed to build time window: invalid time format: 24:00",
    "Failed to build time window: unknown time zone Mars",
    "Failed to build rebooter: invalid reboot-method configured kexec, expected signal or command",
    "Failed to build reboot checker: error parsing provided sentinel command: EOF found when expecting closing quote",
    `invalid drain-pod-selector a b: 'b' stands where one of = == != in notin > < should be`,
  ]);
});

test("each single thing that cannot work has its own message", () => {
  for (const [flag, message] of [
    ["--time-zone=../x", "Failed to build time window: time: invalid location name"],
    ["--reboot-command=", "Failed to build rebooter: no reboot command specified"],
    ["--reboot-command=  ", "Failed to build rebooter: no reboot command specified"],
    ['--reboot-command=""', "Failed to build rebooter: no reboot command specified"],
    [
      "--reboot-command=a \\",
      "Failed to build rebooter: error EOF found after escape character when parsing reboot command a \\",
    ],
    ["--metrics-port=70000", "listen tcp: address 70000: invalid port"],
    ["--ds-name=", "ds-name must not be empty"],
    ["--pre-reboot-node-labels=a=1,b", "invalid pre-reboot-node-labels: b is not key=value"],
    ["--post-reboot-node-labels=a_=1", 'invalid post-reboot-node-labels: "a_" is not the key of a label'],
    ["--post-reboot-node-labels=a=b c", 'invalid post-reboot-node-labels: "b c" is not the value of a label'],
    ["--prefer-no-schedule-taint=a b", 'invalid prefer-no-schedule-taint: "a b" is not the key of a taint'],
    ["--failed-reboot=x", "invalid failed-reboot configured x, expected give-back or keep-cordon"],
    ["--reboot-deadline=0", "reboot-deadline must be above 0"],
    ["--command-timeout=-1s", "command-timeout must be above 0"],
    ["--blocking-pod-selector=...", 'invalid blocking-pod-selector ...: "..." is not a label key'],
    ["--drain-pod-selector=n>-1", 'invalid drain-pod-selector n>-1: "-1" is not a label value'],
    [
      "--reboot-sentinel-command=  ",
      'Failed to build reboot checker: error parsing provided sentinel command: no command in "  "',
    ],
  ] as const) {
    assert.deepEqual(refusalOf({ argv: [flag] }).fatal, [message]);
  }
  for (const signal of [0, -3, 65]) {
    const argv = ["--reboot-method=signal", `--reboot-signal=${signal}`];
    assert.deepEqual(refusalOf({ argv }).fatal, [`Failed to build rebooter: invalid signal: ${signal}`]);
  }
});

test("only what is used is checked: a bad command does not matter to the signal, nor a bad signal to the command", () => {
  const argv = ["--reboot-method=signal", "--reboot-command='"];
  assert.deepEqual(settingsOf({ argv }).reboot.method, { kind: "signal", signalNumber: 39 });
  assert.equal(settingsOf({ argv: ["--reboot-signal=0"] }).reboot.method.kind, "command");
});

test("quotes that a manifest made part of a value are taken for what was meant", () => {
  const argv = ['--drain-pod-selector=""', '--prefer-no-schedule-taint=""', "--reboot-sentinel-command=''"];
  argv.push('--notify-url=""', '--metrics-host=""', '--alert-filter-regexp=""', '--pre-reboot-node-labels=""');
  const settings = settingsOf({ argv });
  assert.equal(settings.drain.podSelector, "");
  assert.equal(settings.preferNoScheduleTaint, "");
  assert.equal(settings.sentinel.kind, "file");
  assert.equal(settings.notifications.url, "");
  assert.equal(settings.metrics.host, "");
  assert.equal(settings.alerts.filter, undefined);
  assert.deepEqual(settings.preRebootNodeLabels, []);
  assert.deepEqual(new Set(warningsOf({ argv })), new Set(["QuotesIgnored"]));
  assert.deepEqual(warningsOf({ env: { KURED_DRAIN_POD_SELECTOR: "''" } }), ["QuotesIgnored"]);
});

test("a command in outer quotes is the command inside them", () => {
  const wanted = ["sh", "-c", "! needs-restarting --reboothint"];
  for (const text of [
    'sh -c "! needs-restarting --reboothint"',
    `'sh -c "! needs-restarting --reboothint"'`,
    "\"sh -c '! needs-restarting --reboothint'\"",
  ]) {
    const { sentinel } = settingsOf({ argv: [`--reboot-sentinel-command=${text}`] });
    assert.ok(sentinel.kind === "command");
    assert.deepEqual(sentinel.command.words, wanted);
  }
  const { method } = settingsOf({ argv: ['--reboot-command="/sbin/reboot" "now"'] }).reboot;
  assert.ok(method.kind === "command");
  assert.deepEqual(method.command.words, ["/sbin/reboot", "now"]);
});

test("the port of a Service named kured-metrics is not taken for ours", () => {
  const env = { KURED_METRICS_PORT: "tcp://10.0.0.1:8080" };
  assert.equal(settingsOf({ env, argv: ["--metrics-port=9090"] }).metrics.port, 9090);
  assert.deepEqual(warningsOf({ env }), ["ServiceLinkIgnored"]);
});

test("the flag annotation-ttl of kured 1.5 is lock-ttl", () => {
  const settings = settingsOf({ argv: ["--annotation-ttl=30m"] });
  assert.equal(settings.lock.ttlNanoseconds, 1_800_000_000_000n);
  assert.equal(settings.lock.ttlMs, 1_800_000);
  assert.deepEqual(warningsOf({ argv: ["--annotation-ttl", "30m"] }), ["FlagRenamed"]);
});

test("an alert filter that is empty is not one that is missing", () => {
  assert.equal(settingsOf({ argv: ["--alert-filter-regexp="] }).alerts.filter, "");
  assert.deepEqual(warningsOf({ argv: ["--alert-filter-regexp="] }), ["EveryAlertMatches"]);
  assert.equal(settingsOf({ argv: ["--alert-filter-regexp=^RebootRequired$"] }).alerts.filter, "^RebootRequired$");
});

test("durations and numbers below what makes sense are as kured takes them", () => {
  const argv = ["--drain-timeout=-1m", "--period=0", "--concurrency=0", "--lock-ttl=-1h", "--reboot-delay=-1s"];
  const settings = settingsOf({ argv });
  assert.equal(settings.drain.timeoutMs, 0);
  assert.equal(settings.periodMs, 0);
  assert.equal(settings.lock.concurrency, 1);
  assert.equal(settings.lock.ttlNanoseconds, 0n);
  assert.equal(settings.reboot.delayMs, 0);
  assert.deepEqual(warningsOf({ argv }), ["NoPeriod", "DrainTimeoutNegative"]);
  assert.deepEqual(warningsOf({ argv: ["--log-format=JSON"] }), ["LogFormatUnknown"]);
});

test("labels for nodes are pairs, and differing keys are told", () => {
  const labels = (pre: string, post?: string) => {
    const argv = [`--pre-reboot-node-labels=${pre}`];
    return { argv: post === undefined ? argv : [...argv, `--post-reboot-node-labels=${post}`] };
  };
  assert.deepEqual(settingsOf(labels("a=1,b=x=y,c=")).preRebootNodeLabels, [
    { key: "a", value: "1" },
    { key: "b", value: "x" },
    { key: "c", value: "" },
  ]);
  assert.deepEqual(warningsOf(labels("a=1", "a=2")), []);
  assert.deepEqual(warningsOf(labels("a=1,b=1", "b=2,a=2")), []);
  assert.deepEqual(warningsOf(labels("a=1", "b=1")), ["LabelKeysDiffer"]);
  assert.deepEqual(warningsOf(labels("a=1")), ["LabelKeysDiffer"]);
  assert.deepEqual(warningsOf(labels("a=1,a=2", "a=1")), ["LabelKeysDiffer"]);
});

test("help is printed with exit code 0 when nothing wrong came before it", () => {
  for (const argv of [["--help"], ["-h"], ["--period=1h", "-h", "--foo"], ["-hx"], ["help"]]) {
    const outcome = parse({ argv });
    assert.ok(outcome.kind === "help" && outcome.text.startsWith("Usage of /usr/bin/kured:\n"), argv.join(" "));
  }
  assert.equal(lastLine(["--foo", "--help"]), "unknown flag: --foo");
  const agent = parse({ argv: ["agent", "--help"] });
  assert.ok(agent.kind === "help" && agent.text.startsWith("Usage of /usr/bin/kured agent:\n"));
  assert.deepEqual(parse({ argv: ["help", "agent"] }), agent);
  assert.deepEqual(parse({ argv: ["version"] }), { kind: "version" });
});

test("the first argument names the command, and each command knows its own options only", () => {
  const env = { KURED_POD_UID: "u1", KURED_POD_NAME: "p1", KURED_POD_NAMESPACE: "ns", KURED_BOOT_ID_FILE: "/boot-id" };
  const agent = settingsOf({ argv: ["agent", "--period=1m"], env });
  assert.deepEqual([agent.command, agent.periodMs, agent.reboot.bootIdFile], ["agent", 60_000, "/boot-id"]);
  assert.deepEqual(agent.pod, { uid: "u1", name: "p1", namespace: "ns" });
  const coordinator = settingsOf({
    argv: [
      "coordinator",
      "--max-unavailable=3",
      "--lease-name=x",
      "--lease-duration=30s",
      "--failed-reboot=keep-cordon",
    ],
    env: { KURED_NODE_ID: "", KURED_REBOOT_SIGNAL: "not for us" },
  });
  assert.deepEqual([coordinator.maxUnavailable, coordinator.lease], [3, { name: "x", durationMs: 30_000 }]);
  assert.equal(coordinator.reboot.failed, "keep-cordon");
  assert.deepEqual(settingsOf({ argv: ["explain", "n7", "--context=c"] }).positionals, ["n7"]);
  for (const argv of [
    ["agent", "--lease-name=x"],
    ["coordinator", "--period=1h"],
    ["--max-unavailable=2"],
    ["--pod-uid=x"],
  ]) {
    assert.equal(refusalOf({ argv }).problems[0]?.code, "UnknownFlag", argv.join(" "));
  }
  for (const argv of [["--max-unavailable=0"], ["--lease-duration=500ms"]]) {
    assert.equal(refusalOf({ argv: ["coordinator", ...argv] }).problems[0]?.code, "NotPositive", argv.join(" "));
  }
});

test("the operator's commands take their output's form with a dash and a letter, too", () => {
  for (const argv of [["--output=json"], ["--output", "json"], ["-o", "json"], ["-o=json"], ["-ojson"]]) {
    assert.equal(settingsOf({ argv: ["status", ...argv] }).output, "json", argv.join(" "));
  }
  const settings = settingsOf({ argv: ["explain", "-o", "json", "n7", "--lease-name=x"] });
  assert.deepEqual([settings.positionals, settings.lease.name], [["n7"], "x"]);
  for (const argv of [["-o", "json"], ["--output=json"]]) {
    assert.equal(refusalOf({ argv }).problems[0]?.code, "UnknownFlag", "kured has no such flag");
  }
});

test("whatever is wrong with an operator's command is a mistake of usage, and nothing for a log", () => {
  for (const [argv, env, code] of [
    [["explain"], {}, "NodeMissing"],
    [["explain", ""], {}, "NodeMissing"],
    [["status", "-o"], {}, "MissingValue"],
    [["status", "-o", "yaml"], {}, "InvalidOutput"],
    [["status", "-x"], {}, "UnknownFlag"],
    [["status", "--ds-name="], {}, "NameMissing"],
    [["status"], { KURED_OUTPUT: "" }, "InvalidOutput"],
  ] as const) {
    const { exitCode, stdout, stderr, fatal, problems } = refusalOf({ argv, env });
    assert.deepEqual([exitCode, stdout, fatal, problems.map((one) => one.code)], [2, "", [], [code]], argv.join(" "));
    assert.match(stderr, new RegExp(`^Usage of /usr/bin/kured ${argv[0]}[^]*\\(${code}\\)\n$`));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { allOptions, environmentName, optionsOf } from "./options.ts";
import { kuredOptions } from "./options/kured.ts";
import { usageText } from "./usage.ts";

/** Flag, type and default of kured 1.23 as pflag knows them. */
const kured = `
alert-filter-match-only bool false
alert-filter-regexp regexp -
alert-firing-only bool false
annotate-nodes bool false
blocking-pod-selector stringArray -
concurrency int 1
drain-delay duration 0s
drain-grace-period int -1
drain-pod-selector string
drain-timeout duration 0s
ds-name string kured
ds-namespace string kube-system
end-time string 23:59:59
force-reboot bool false
lock-annotation string weave.works/kured-node-lock
lock-release-delay duration 0s
lock-ttl duration 0s
log-format string text
message-template-drain string Draining node %s
message-template-reboot string Rebooting node %s
message-template-uncordon string Node %s rebooted & uncordoned successfully!
metrics-host string
metrics-port int 8080
node-id string
notify-url string
period duration 1h0m0s
post-reboot-node-labels stringSlice -
pre-reboot-node-labels stringSlice -
prefer-no-schedule-taint string
prometheus-url string
reboot-command string /bin/systemctl reboot
reboot-days stringSlice su,mo,tu,we,th,fr,sa
reboot-delay duration 0s
reboot-method string command
reboot-sentinel string /var/run/reboot-required
reboot-sentinel-command string
reboot-signal int 39
skip-wait-for-delete-timeout int 0
slack-channel string
slack-hook-url string
slack-username string kured
start-time string 0:00
time-zone string UTC
`;

test("classic knows all 43 flags of kured 1.23, with their types and defaults", () => {
  const classic = optionsOf("classic").filter(({ name }) => name in kuredOptions);
  const rows = classic.map(({ name, type, default: text = "-" }) => `${name} ${type} ${text}`.trimEnd());
  assert.deepEqual(rows, kured.trim().split("\n"));
  assert.equal(rows.length, 43);
});

test("every option has a sentence without a full stop and a command that knows it", () => {
  for (const { name, usage, commands } of allOptions()) {
    assert.match(usage, /^[a-z][^`]*[^.]$/, name);
    assert.ok(commands.length > 0, name);
  }
});

test("an environment variable is KURED_ and the flag in capitals", () => {
  assert.equal(environmentName("skip-wait-for-delete-timeout"), "KURED_SKIP_WAIT_FOR_DELETE_TIMEOUT");
  // Kubernetes invents variables with these ends for each Service; a collision must be known to be handled.
  const clashing = allOptions().map(({ name }) => environmentName(name));
  assert.deepEqual(
    clashing.filter((variable) => /_(PORT|SERVICE_HOST|TCP|UDP|PROTO|ADDR)$/.test(variable)),
    ["KURED_METRICS_PORT"],
  );
});

test("help has one line for each flag, in the form of pflag", () => {
  const lines = usageText("classic", "/usr/bin/kured").split("\n");
  assert.equal(lines[0], "Usage of /usr/bin/kured:");
  const heads = lines.slice(1, -3).map((line) => /^ {6}--([a-z-]+)/.exec(line)?.[1]);
  const flags = optionsOf("classic").filter(({ environmentOnly }) => environmentOnly !== true);
  assert.deepEqual(
    heads,
    flags.map(({ name }) => name),
  );
  const line = (flag: string) => lines.find((text) => text.startsWith(`      --${flag} `))?.replace(/ {3,}/g, " | ");
  assert.match(line("period") ?? "", /^ \| --period duration \| the .* \(default 1h0m0s\)$/);
  assert.match(line("reboot-days") ?? "", /--reboot-days strings \| .* \(default \[su,mo,tu,we,th,fr,sa\]\)$/);
  assert.match(line("ds-name") ?? "", /--ds-name string \| .* \(default "kured"\)$/);
  assert.match(line("drain-grace-period") ?? "", /--drain-grace-period int \| .* \(default -1\)$/);
  assert.match(line("blocking-pod-selector") ?? "", /--blocking-pod-selector stringArray \| .*counts$/);
  assert.match(line("alert-filter-regexp") ?? "", /--alert-filter-regexp regexp \| .*name$/);
  assert.match(line("force-reboot") ?? "", /--force-reboot \| .*long$/);
  assert.match(line("lock-ttl") ?? "", /--lock-ttl duration \| .*ever$/);
});

test("help of a command shows its own flags only", () => {
  const text = usageText("agent", "kured");
  assert.ok(text.includes("--reboot-sentinel "));
  assert.ok(!text.includes("--drain-timeout"));
  assert.ok(!text.includes("boot-id-file"));
  assert.ok(usageText("coordinator", "kured").includes("--max-unavailable int"));
});

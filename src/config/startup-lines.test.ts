import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "./parse-arguments.ts";
import { startupLines } from "./startup-lines.ts";

function linesOf(...argv: readonly string[]): readonly string[] {
  const outcome = parseArguments({ argv, env: { KURED_NODE_ID: "n1" }, program: "kured" });
  assert.ok(outcome.kind === "settings");
  return startupLines(outcome.settings, "2.0.0");
}

test("classic says at its start what kured says", () => {
  assert.deepEqual(linesOf(), [
    "Kubernetes Reboot Daemon: 2.0.0",
    "Node ID: n1",
    "PreferNoSchedule taint: ",
    "Blocking Pod Selectors: []",
    "Reboot period 1h0m0s",
    "Concurrency: 1",
    "Reboot schedule: SunMonTueWedThuFriSat between 00:00 and 23:59 UTC",
    "Reboot method: command",
    "Reboot command: /bin/systemctl reboot",
    "Sentinel checker is (unprivileged) testing for the presence of: /var/run/reboot-required",
    "Lock Annotation: kube-system/kured:weave.works/kured-node-lock",
    "Lock TTL not set, lock will remain until being released",
    "Lock release delay not set, lock will be released immediately after rebooting",
  ]);
});

test("what was set is shown in its place", () => {
  const shown = linesOf(
    ...["--prefer-no-schedule-taint=t", "--blocking-pod-selector=a=b", "--blocking-pod-selector=c=d", "--period=90s"],
    ...["--annotate-nodes", "--reboot-method=signal", "--reboot-sentinel-command=test -f /x", "--lock-ttl=30m"],
    ...["--lock-release-delay=5m", "--time-zone=Local"],
  );
  for (const line of [
    "PreferNoSchedule taint: t",
    "Blocking Pod Selectors: [a=b c=d]",
    "Reboot period 1m30s",
    "Will annotate nodes during kured reboot operations",
    "Reboot schedule: SunMonTueWedThuFriSat between 00:00 and 23:59 Local",
    "Reboot method: signal",
    "Reboot signal: 39",
    "Sentinel checker is (privileged) user provided command: test -f /x",
    "Lock TTL set, lock will expire after: 30m0s",
    "Lock release delay set, lock release will be delayed by: 5m0s",
  ]) {
    assert.ok(shown.includes(line), line);
  }
});

test("agent and coordinator say what concerns them", () => {
  assert.ok(linesOf("agent").includes("Reboot period 1h0m0s"));
  assert.ok(!linesOf("agent").some((line) => line.startsWith("Lock")));
  assert.ok(linesOf("coordinator").some((line) => line.startsWith("Lock Annotation")));
  assert.ok(!linesOf("coordinator").some((line) => line.startsWith("Sentinel")));
});

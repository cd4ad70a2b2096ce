import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { PodObject } from "../../controlplane/objects.ts";
import { waitFor } from "../../controlplane/waits.ts";
import { watchFleet } from "../stand/fleet.ts";
import { install } from "../stand/install.ts";
import { assertRebootedInPeace } from "../stand/peace.ts";
import { assertOneBoot, bootCounts, bootIds, getNode, untilRebooted } from "../stand/reboots.ts";
import { suiteRig } from "../stand/suite.ts";
import { untilVerdict } from "../stand/told.ts";

const { rig, signal } = await suiteRig();

for (const mode of ["coordinated", "classic"] as const) {
  test(`${mode}: with --reboot-method=signal a container without privileges reboots its machine`, async () => {
    await install(rig, { mode, set: { "configuration.rebootMethod": "signal" }, signal });
    const fieldSelector = "spec.nodeName=n2";
    const pods = await rig.admin.list<PodObject>({ kind: "Pod", namespace: "kube-system", fieldSelector });
    const agent = pods.find(({ metadata }) => !metadata.name.startsWith("kured-coordinator-"));
    assert.match(
      JSON.stringify(agent?.spec.containers[0]?.["securityContext"]),
      /"drop":\["ALL"\].*"privileged":false/,
    );
    await assertRebootedInPeace(rig, { signal });
  });
}

/** What dnf-utils has, as far as it matters: 1 where core libraries or services are newer than the boot, else 0. */
const needsRestarting = `#!/bin/sh
[ "$1" = --reboothint ] || exit 2
if [ -e /run/core-libraries-updated ]; then echo "Reboot is required to fully utilize these updates."; exit 1; fi
echo "No core libraries or services have been updated since boot-up."`;

const redHat = { "configuration.rebootSentinelCommand": 'sh -c "! needs-restarting --reboothint"' };

test("with Red Hat's needs-restarting as the sentinel a machine is rebooted once core libraries were updated, not before", async () => {
  for (const machine of rig.machines) {
    const put = `cat > /usr/bin/needs-restarting <<'EOF'\n${needsRestarting}\nEOF\nchmod +x /usr/bin/needs-restarting`;
    await machine.exec(["sh", "-c", put]);
  }
  await install(rig, { set: { ...redHat, "configuration.period": "2s" }, signal });
  const before = await bootIds(rig);
  const boots = await bootCounts(rig);
  await sleep(5_000); // Two looks that say no.
  for (const node of rig.nodes) assert.notEqual((await getNode(rig, node)).spec?.unschedulable, true);
  await rig.machine("n2").exec(["touch", "/run/core-libraries-updated"]);
  await untilRebooted(rig, { before, nodes: ["n2"], signal });
  await assertOneBoot(rig, boots);
});

test('where needs-restarting is missing nothing is rebooted, although the "!" before it makes a yes of it', async () => {
  await install(rig, { set: { ...redHat, "configuration.period": "2s" }, signal });
  const boots = await bootCounts(rig);
  const fleet = await watchFleet(rig);
  assert.match(await untilVerdict(rig, { node: "n2", code: "SentinelUnknown", signal }), /needs-restarting/);
  await sleep(5_000); // Two more looks.
  await fleet.stop();
  assert.deepEqual(fleet.cordoned(), []);
  assert.deepEqual(await bootCounts(rig), boots);
});

test("with the kubelet's graceful node shutdown, which ends pods before the machine goes down, a node is rebooted as ever", async () => {
  const machine = rig.machine("n2");
  const grace = [
    "apiVersion: kubelet.config.k8s.io/v1beta1",
    "kind: KubeletConfiguration",
    "shutdownGracePeriod: 15s",
    "shutdownGracePeriodCriticalPods: 5s",
  ].join("\n");
  const configure = `echo '${grace}' > /etc/kubernetes/kubelet.d/10-grace.conf && systemctl restart kubelet`;
  try {
    await machine.exec(["sh", "-c", configure]);
    const inhibits = async (): Promise<boolean> =>
      /kubelet.*delay/s.test((await machine.exec(["systemd-inhibit", "--list", "--no-pager"])).stdout);
    await waitFor("the kubelet to hold up shutdowns", inhibits, { signal, everyMs: 200 });
    await install(rig, { signal });
    await assertRebootedInPeace(rig, { settleMs: 3_000, signal }); // A second reboot would begin within that.
  } finally {
    await machine.exec([
      "sh",
      "-c",
      "rm -f /etc/kubernetes/kubelet.d/* /etc/systemd/logind.conf.d/*; systemctl restart kubelet",
    ]);
  }
});

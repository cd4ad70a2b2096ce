import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { Daemon } from "../controlplane/daemon.ts";
import { logLines } from "./program.ts";
import { onStand } from "./stand.ts";

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

/** What people look for in the log of a node that is rebooted, in the order in which kured has always written it. */
const storyOfAReboot: readonly RegExp[] = [
  /^Kubernetes Reboot Daemon: \d/,
  /^Node ID: n1$/,
  /^Blocking Pod Selectors: \[\]$/,
  /^Lock Annotation: kube-system\/kured:weave\.works\/kured-node-lock$/,
  /^Reboot not required$/,
  /^Reboot required$/,
  /^Acquired reboot lock$/,
  /^Delaying drain for 100ms$/,
  /^Draining node n1$/,
  /^evicting pod default\/web-/,
  /^Delaying reboot for 100ms$/,
  /^Commanding reboot for node: n1$/,
  /^Triggering reboot for node n1$/,
  /^Invoking command: \[\/usr\/bin\/nsenter -m\/proc\/1\/ns\/mnt -- \S+\/reboot\]$/,
  /^Waiting for reboot$/,
  /^Kubernetes Reboot Daemon: \d/,
  /^Holding lock$/,
  /^Uncordoning node n1$/,
  /^Delaying lock release by 100ms$/,
  /^Waiting 100ms before releasing lock$/,
  /^Releasing lock$/,
];

describe("the words that people search logs for", { concurrency: 2 }, () => {
  test("come in kured's order when a node is rebooted, among them those of its older versions", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      stand.cluster.addWorkload("web", { replicas: 2 });
      const args = ["--drain-delay=100ms", "--reboot-delay=100ms", "--lock-release-delay=100ms"];
      const daemon = await stand.startClassic("n1", { args });
      await daemon.waitForLine(/Reboot not required/);
      await stand.host("n1").requireReboot();
      await stand.untilRebooted("n1");
      await daemon.waitForLine(/Released the lock/);
      const told = inOrder(daemon, storyOfAReboot);
      for (const once of [/^WARNING: .*ignoring DaemonSet-managed Pods: kube-system\/kured-/, /^Waiting for reboot$/])
        assert.equal(told.filter((message) => once.test(message)).length, 1, String(once));
    });
  });

  test("`Reboot not required` comes once in each period", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const daemon = await stand.startClassic("n1", { args: ["--period=1s"] });
      const first = await daemon.waitForLine(/Reboot not required/);
      const passed = () => Date.now() - first.atMs > 4_200;
      while (!passed()) await new Promise((resolve) => setTimeout(resolve, 50));
      const count = messages(daemon).filter((message) => message === "Reboot not required").length;
      assert.ok(count >= 3 && count <= 6, `${count} times in four periods`);
    });
  });

  const late: readonly (readonly [what: string, flags: readonly string[], lines: readonly RegExp[]])[] = [
    ["given back", [], [/^Unable to cordon or drain n1: /, /^Performing/, /^Uncordoning node n1$/, /^Releasing lock$/]],
    ["forced", ["--force-reboot"], [/^Commanding reboot for node: n1$/, /^Waiting for reboot$/]],
  ];
  for (const [what, flags, lines] of late)
    test(`a drain that does not end in time and is ${what} is told in kured's words`, async () => {
      await onStand({ nodes: ["n1"], signal }, async (stand) => {
        stand.cluster.addWorkload("web", { replicas: 1, budget: { minAvailable: 1 } });
        const daemon = await stand.startClassic("n1", { args: ["--drain-timeout=1s", ...flags] });
        await stand.host("n1").requireReboot();
        await daemon.waitForLine(flags.length === 0 ? /Released the lock/ : /Waiting for reboot/);
        const error = "global timeout reached: 1s";
        const refused =
          /^error when evicting pods\/\\"web-[^"]*\\" -n \\"default\\" \(will retry\): .*Cannot evict pod/;
        const told = inOrder(daemon, [
          /^Draining node n1$/,
          refused,
          new RegExp(`^Error draining n1: ${error}$`),
          ...lines,
        ]);
        const then = "will release lock and retry cordon and drain before rebooting when lock is next acquired";
        assert.equal(told.includes(`Unable to cordon or drain n1: ${error}, ${then}`), flags.length === 0);
        const best = "Performing a best-effort uncordon after failed cordon and drain";
        assert.equal(told.includes(best), flags.length === 0);
      });
    });

  test("a lock in somebody else's hand is told once, with kured's warning and its holder", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const lock = { "weave.works/kured-node-lock": '{"nodeID":"manual"}' };
      stand.annotate("/apis/apps/v1/namespaces/kube-system/daemonsets/kured", lock);
      await stand.host("n1").requireReboot();
      const daemon = await stand.startClassic("n1", { args: ["--period=1s"] });
      const { text, atMs } = await daemon.waitForLine(/Lock already held/);
      assert.deepEqual(logLines(`${text}\n`), [{ level: "warning", message: "Lock already held: manual" }]);
      while (Date.now() - atMs < 2_500) await new Promise((resolve) => setTimeout(resolve, 50));
      for (const once of ["Lock already held: manual", "Reboot required"])
        assert.equal(messages(daemon).filter((message) => message === once).length, 1, once);
    });
  });
});

/** Throws unless these come in this order, others between them; answers all of them. */
function inOrder(daemon: Daemon, expected: readonly RegExp[]): readonly string[] {
  const told = messages(daemon);
  let from = 0;
  for (const words of expected) {
    const at = told.findIndex((message, index) => index >= from && words.test(message));
    assert.ok(at >= 0, `${String(words)} does not come after ${told[from - 1]} in\n${told.join("\n")}`);
    from = at + 1;
  }
  return told;
}

function messages(daemon: Daemon): readonly string[] {
  return logLines(
    daemon
      .lines()
      .map(({ text }) => `${text}\n`)
      .join(""),
  ).map(({ message }) => message);
}

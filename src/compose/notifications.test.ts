import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "../config/parse-arguments.ts";
import { machineClock } from "../host/clock.ts";
import { machineFiles } from "../host/files.ts";
import { createTasks } from "../loop/tasks.ts";
import { serviceParts } from "../notifiers/testing/parts.ts";
import { startReceiver } from "../notifiers/testing/receiver.ts";
import { notificationsFor, type NotifyingPorts } from "./notifications.ts";

const slackHook = "https://hooks.slack.com/services";
const token = "BLABLABA12345/IAM931A0VERY/COMPLICATED711854TOKEN1SET";

test("without an address nobody is to be told, and nothing is said of it", async () => {
  const { wanted, lines } = await started();
  assert.deepEqual([wanted, lines], [false, []]);
});

test("what is wrong or odd about a target is said at the start, and the others are told", async () => {
  const receiver = await startReceiver();
  const odd = "googlechat://h/v1?key=s3cret&token=s3cret&colour=red";
  const { tell, lines } = await started({
    argv: [`--notify-url=nonsense://s3cret ${odd} file:/nowhere/at-all`],
    ports: { web: receiver.web },
  });
  assert.deepEqual(lines, [
    'warning A target of notify-url cannot be notified: unknown service "nonsense"',
    "warning notify-url, googlechat: colour has no effect: the service does not know it",
    "warning A target of notify-url cannot be notified: ENOENT: no such file or directory, open '/nowhere/at-all'",
  ]);
  // The file may still come, so not all is told.
  assert.equal(await tell("node-1", () => receiver.received.length > 0), false);
  assert.deepEqual(
    receiver.received.map(({ body }) => body),
    ['{"text":"Rebooting node node-1"}'],
  );
  await receiver.close();
});

const hooks: readonly (readonly [hook: string, lines: readonly string[], wanted: boolean])[] = [
  [`${slackHook}/${token}`, [], true],
  [`"${slackHook}/${token}"`, [], true],
  ["https://example.com/s3cret", [], true],
  [
    `${slackHook}/s3cret`,
    [
      "warning slack-hook-url: not one of Slack's web hooks, so it is posted as plain JSON: unexpected number of / in URL",
    ],
    true,
  ],
  [
    "hooks.slack.com/services/s3cret",
    ["error slack-hook-url is not properly formatted... no notification will be sent: missing protocol scheme"],
    false,
  ],
];

for (const [hook, expected, isWanted] of hooks)
  test(`--slack-hook-url=${hook} ${isWanted ? "is somebody to tell" : "is nobody"}`, async () => {
    const { wanted, lines } = await started({ argv: [`--slack-hook-url=${hook}`] });
    assert.deepEqual([wanted, lines], [isWanted, expected]);
  });

interface Start {
  readonly argv?: readonly string[];
  readonly ports?: Partial<NotifyingPorts>;
}

/** Begins as a process does, with these flags; `tell` is about a reboot. */
async function started({ argv = [], ports = {} }: Start = {}) {
  const outcome = parseArguments({ argv: [...argv], env: { KURED_NODE_ID: "n1" }, program: "kured" });
  assert.ok(outcome.kind === "settings");
  const lines: string[] = [];
  const log = { write: (level: string, message: string) => void lines.push(`${level} ${message}`) };
  const files = machineFiles({ clock: machineClock() });
  const { wanted, messenger } = await notificationsFor(outcome.settings, { ...serviceParts(), files, log, ...ports });
  const stop = new AbortController();
  const tasks = createTasks({ signal: stop.signal, failed: (error) => assert.fail(String(error)) });
  return {
    wanted,
    lines: [...lines],
    tell: async (node: string, isThere: () => boolean) => {
      const told = messenger({ tasks, signal: stop.signal }).tell({ milestone: "reboot", node, detail: "" });
      while (!isThere()) await machineClock().sleep(1, { signal: stop.signal });
      stop.abort(new Error("over"));
      await tasks.ended();
      return await told;
    },
  };
}

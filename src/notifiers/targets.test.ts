import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { machineFiles } from "../host/files.ts";
import { goJson } from "./exchange.ts";
import { slackHookTarget, targetsOf, type Target } from "./targets.ts";
import { serviceParts } from "./testing/parts.ts";
import { startReceiver, type Receiver } from "./testing/receiver.ts";

const token = "BLABLABA12345/IAM931A0VERY/COMPLICATED711854TOKEN1SET";
const clock = machineClock();
const signal = new AbortController().signal;

let receiver: Receiver;
let folder: string;
before(async () => {
  receiver = await startReceiver();
  folder = await mkdtemp(join(tmpdir(), "kured-targets-"));
});
after(async () => {
  await receiver.close();
  await rm(folder, { recursive: true });
});

function parts() {
  return { ...serviceParts({ web: receiver.web }), files: machineFiles({ clock }) };
}

async function sent(target: Target) {
  receiver.expect({ body: "ok" });
  await target.notifier.send("text", { signal });
  return receiver.received.map(({ url, body }) => [url, body]);
}

test("several targets are told apart by white space, and a space in a URL belongs to it", async () => {
  const texts = `https://a.example.com/x\n slack://${token}?title=My title  file:/run/url\tnonsense://x\n`;
  const targets = await targetsOf(texts, parts());
  assert.deepEqual(
    targets.map(({ notifier }) => notifier.name),
    ["web hook a.example.com", "slack", "file:/run/url", "unusable"],
  );
  assert.equal(targets[3]?.refused, 'unknown service "nonsense"');
  assert.deepEqual(await targetsOf("  ", parts()), []);
});

test("an unusable target says so at each message, as kured does", async () => {
  const [target] = await targetsOf("nonsense://x", parts());
  await assert.rejects(async () => await target?.notifier.send("text", { signal }), /^NotifyError: unknown service/);
});

test("a URL in a mounted file is read at each message", async () => {
  const path = join(folder, "url");
  const [target] = await targetsOf(`file:${path}`, parts());
  assert.ok(target);
  assert.match(target.refused ?? "", /ENOENT/);
  await assert.rejects(async () => await target.notifier.send("text", { signal }), /NotifyError: .*ENOENT/);
  for (const host of ["one.example.com", "two.example.com"]) {
    await writeFile(path, `https://${host}/x\n`);
    assert.deepEqual(await sent(target), [[`https://${host}/x`, '{"text":"text"}']]);
  }
  await writeFile(path, "nonsense://secret");
  await assert.rejects(async () => await target.notifier.send("text", { signal }), /unknown service "nonsense"$/);
});

const options = { username: "kured", channel: "ops" };

test("what is wrong with a URL in a mounted file is known at the start, and that it holds two", async () => {
  const path = join(folder, "odd");
  await writeFile(path, "googlechat://h/x?key=k&token=t&colour=red\n");
  const [odd] = await targetsOf(`file:${path}`, parts());
  assert.deepEqual(
    [odd?.refused, odd?.notifier.warnings],
    [undefined, ["colour has no effect: the service does not know it"]],
  );
  await writeFile(path, "https://a.example.com/\nhttps://b.example.com/\n");
  const [two] = await targetsOf(`file://${path}`, parts());
  assert.equal(two?.refused, `${path}: more than one URL; give each a file of its own`);
});

test("a second try reads the file again, and does not tell those who have been told", async () => {
  const path = join(folder, "twice");
  await writeFile(path, "telegram://1:old@telegram?chats=one,two");
  const [target] = await targetsOf(`file:${path}`, parts());
  receiver.expect({ body: '{"ok":true}' }, { status: 401 }, { body: '{"ok":true}' });
  const sending = { signal, delivered: new Set<string>() };
  await assert.rejects(async () => await target?.notifier.send("text", sending), /status 401/);
  await writeFile(path, "telegram://1:new@telegram?chats=one,two");
  await target?.notifier.send("text", sending);
  const told = receiver.received.map(
    ({ url, body }) => `${/bot1:(\w+)/.exec(url)?.[1]} ${/"chat_id":"(\w+)"/.exec(body)?.[1]}`,
  );
  assert.deepEqual(told, ["old one", "old two", "new two"]);
});

test("Slack's own web hook goes the way of kured 1.23, with name and channel", async () => {
  const target = slackHookTarget(`https://hooks.slack.com/services/${token}`, { ...options, parts: parts() });
  const body = { text: "", username: "kured", attachments: [{ text: "text" }], channel: "ops" };
  assert.deepEqual(await sent(target), [[`https://hooks.slack.com/services/${token}`, goJson(body)]]);
  assert.deepEqual([target.notifier.warnings, target.refused], [undefined, undefined]);
});

for (const url of [
  "https://prod-1.example.com/workflows/1?sig=x%2F",
  `https://hooks.slack.com/services/${token}/`,
  "https://hooks.slack.com/services/A/B",
  "https://hooks.slack.com/A/B/C",
  "https://other.example.com/services/A/B/C?x=1",
  "https://hooks.slack.com/services/A/B/C",
])
  test(`${url} is posted what kured before 1.7 posted`, async () => {
    const target = slackHookTarget(url, { ...options, parts: parts() });
    assert.deepEqual(await sent(target), [[url, '{"text":"text","username":"kured","channel":"ops"}']]);
    assert.equal(target.notifier.warnings?.length, url.includes("slack") ? 1 : undefined);
  });

test("what is no URL is refused without printing it", () => {
  for (const url of ["hooks.slack.com/services/A/B/C", "ftp://secret/x", "https://u:%zzsecret@host/"]) {
    const { refused } = slackHookTarget(url, { ...options, parts: parts() });
    assert.ok(refused);
    assert.doesNotMatch(refused, /secret|zz|services/);
  }
});

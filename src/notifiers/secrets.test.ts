import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { NotifyError } from "./notifier.ts";
import { notifierFor, serviceNames } from "./registry.ts";
import { serviceParts } from "./testing/parts.ts";
import { startReceiver, type Receiver } from "./testing/receiver.ts";

const group = "11111111-4444-4444-8444-cccccccccccc";
const altId = "33333333012222222222333333333344";
const workflow = encodeURIComponent("https://a.logic.azure.com/workflows/S3CRETS3CRET/paths/invoke?sig=S3CRETS3CRET");

/** A URL of each service that goes by HTTP, whose secrets hold this word. */
const urls: readonly string[] = [
  "slack://S3CRETS3CRET/S3CRETS3CRET/S3CRETS3CRETS3CRETS3CRET",
  "slack://xoxb:S3CRETS3CRET-S3CRETS3CRET-S3CRETS3CRETS3CRETS3CRET@C1",
  `teams://${group}@${group}/${altId}/${group}`,
  `teams://?host=${workflow}`,
  "discord://S3CRETS3CRET@123",
  "telegram://1:S3CRETS3CRET@telegram?chats=1",
  "mattermost://h/S3CRETS3CRET",
  "rocketchat://h/S3CRETS3CRET/S3CRETS3CRET",
  "googlechat://h/v1?key=S3CRETS3CRET&token=S3CRETS3CRET",
  "hangouts://h/v1?key=S3CRETS3CRET&token=S3CRETS3CRET",
  "generic://me:S3CRETS3CRET@h/S3CRETS3CRET?@authorization=S3CRETS3CRET",
  "https://h/S3CRETS3CRET?key=S3CRETS3CRET",
  "http://h/S3CRETS3CRET?key=S3CRETS3CRET",
  "bark://:S3CRETS3CRET@h",
  "gotify://h/AS3CRETS3CRET12",
  "join://shoutrrr:S3CRETS3CRET@join/?devices=d",
  "notifiarr://S3CRETS3CRET",
  "ntfy://me:S3CRETS3CRET@h/topic",
  "pushbullet://S3CRETS3CRETS3CRETS3CRETS3CRETS3CR/d",
  `pushover://s:S3CRETS3CRET@S3CRETS3CRET?key=${"00".repeat(32)}`,
  "signal://me:S3CRETS3CRET@h/+15551234/+15555678",
  "signal://h/+15551234/+15555678?token=S3CRETS3CRET",
  "twilio://S3CRETS3CRET:S3CRETS3CRET@MG1/+15551234",
  "ifttt://S3CRETS3CRET/?events=e",
  "lark://open.feishu.cn/S3CRETS3CRET?secret=S3CRETS3CRET",
  "matrix://:S3CRETS3CRET@h/?rooms=!1:a",
  "matrix://user:S3CRETS3CRET@h/?rooms=!1:a",
  "opsgenie:///S3CRETS3CRET",
  "pagerduty:///0123456789abcdef0123456789abcdef",
  "wecom://S3CRETS3CRET",
  "zulip://bot%40h:S3CRETS3CRET@h/?stream=s",
];

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
after(() => receiver.close());

test("every service that goes by HTTP is in the list", () => {
  const others = ["smtp", "mqtt", "mqtts", "logger"];
  const listed = new Set(urls.map((url) => url.slice(0, url.indexOf(":"))));
  assert.deepEqual(Array.from(listed).toSorted(), serviceNames.filter((name) => !others.includes(name)).toSorted());
});

for (const url of urls)
  test(`${url}: a service that repeats our secrets does not bring them into the log`, async () => {
    const words = decodeURIComponent(url).match(/\w*(?:S3CRET|33333|00000|012345)\w*/g) ?? [];
    assert.notEqual(words.length, 0);
    for (const body of [words.join(" "), echo(words.join(" "))]) {
      receiver.expect({ status: 400, body });
      const notifier = notifierFor(url, serviceParts({ web: receiver.web }));
      const error: unknown = await notifier
        .send("x", { signal: new AbortController().signal })
        .catch((e: unknown) => e);
      assert.ok(error instanceof NotifyError, String(error));
      assert.notEqual(receiver.received.length, 0);
      assert.doesNotMatch(`${notifier.name} ${error.message}`, /S3CRET|0{12}|333{5}|0123456789abcdef/);
    }
  });

/** In all the fields in which services say why. */
function echo(words: string): string {
  const fields = ["error", "description", "message", "errorDescription", "errmsg", "msg", "link", "errcode", "code"];
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, words])));
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { NotifyError } from "./notifier.ts";
import { notifierFor } from "./registry.ts";
import { serviceParts } from "./testing/parts.ts";
import { startReceiver, type Reply } from "./testing/receiver.ts";

const taken: Reply = { body: '{"ok":true}' };
const busy: Reply = { status: 503 };
const lines = Array.from({ length: 11 }, (_, at) => `line ${at}`).join("\n");

/** URLs with two recipients, and what of a request tells the recipient. */
const urls: Readonly<Record<string, RegExp>> = {
  "telegram://1:a@telegram?chats=one,two": /"chat_id":"(\w+)"/,
  "pushbullet://o.abcdefghijklmnopqrstuvwxyz012345/one/two": /"device_iden":"(\w+)"/,
  "twilio://AC1:secret@MG42/one/two": /To=(\w+)/,
  "ifttt://key/?events=one,two": /trigger\/(\w+)/,
  "matrix://:token@matrix.example.com/?rooms=!one,!two": /rooms\/!(\w+)/,
};

for (const [url, recipient] of Object.entries(urls))
  test(`${url}: a second try goes only to the one that refused the first`, async () => {
    const told = await tries(url, { message: "Rebooting", replies: [taken, busy, taken] });
    assert.deepEqual(
      told.map((request) => recipient.exec(request)?.[1]),
      ["one", "two", "two"],
    );
  });

test("discord: a second try sends only the part of a long message that is not there yet", async () => {
  const told = await tries("discord://token@123", {
    message: lines,
    replies: [{ status: 204 }, busy, { status: 204 }],
  });
  assert.deepEqual(
    told.map((request) => request.includes("line 10")),
    [false, true, true],
  );
});

/** Tries as the outbox does, once more than the service refuses; resolves with what arrived. */
async function tries(url: string, { message, replies }: { message: string; replies: readonly Reply[] }) {
  const receiver = await startReceiver();
  try {
    receiver.expect(...replies);
    const notifier = notifierFor(url, serviceParts({ web: receiver.web }));
    const sending = { signal: new AbortController().signal, delivered: new Set<string>() };
    await assert.rejects(notifier.send(message, sending), NotifyError);
    await notifier.send(message, sending);
    return receiver.received.map(({ url: asked, body }) => `${asked} ${body}`);
  } finally {
    await receiver.close();
  }
}

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { NotifyError } from "../notifier.ts";
import { notifierFor } from "../registry.ts";
import { serviceParts } from "../testing/parts.ts";
import { startReceiver, type Receiver, type Reply } from "../testing/receiver.ts";

const api = "https://matrix.example.com/_matrix/client/v3";
const flows = { body: '{"flows":[{"type":"m.login.sso"},{"type":"m.login.password"}]}' };
const token = { body: '{"access_token":"token"}' };
const room = { body: '{"room_id":"!1:example.com"}' };
const sent = { body: '{"event_id":"$1"}' };
const message = '{"msgtype":"m.text","body":"Rebooting"}';

let receiver: Receiver;
before(async () => {
  receiver = await startReceiver();
});
after(() => receiver.close());

test("a user logs in with a password, and a room's name is joined before it is written to", async () => {
  const got = await send("matrix://user:pass@matrix.example.com/?rooms=ops:example.com,!2:example.com", [
    flows,
    token,
    room,
    sent,
  ]);
  assert.deepEqual(got, [
    ["GET", `${api}/login`, undefined, ""],
    [
      "POST",
      `${api}/login`,
      undefined,
      '{"type":"m.login.password","identifier":{"type":"m.id.user","user":"user"},"password":"pass"}',
    ],
    ["POST", `${api}/join/%23ops%3Aexample.com`, "Bearer token", "null"],
    ["PUT", `${api}/rooms/!1%3Aexample.com/send/m.room.message/kured-00ff`, "Bearer token", message],
    ["PUT", `${api}/rooms/!2%3Aexample.com/send/m.room.message/kured-00ff`, "Bearer token", message],
  ]);
});

test("without a user the password is the token, and without rooms all joined ones are meant", async () => {
  const got = await send("matrix://:token@matrix.example.com:8448/?disableTLS=yes", [
    { body: '{"joined_rooms":["!1:a","!2:a"]}' },
    sent,
  ]);
  const plain = "http://matrix.example.com:8448/_matrix/client/v3";
  assert.deepEqual(got, [
    ["GET", `${plain}/joined_rooms`, "Bearer token", ""],
    ["PUT", `${plain}/rooms/!1%3Aa/send/m.room.message/kured-00ff`, "Bearer token", message],
    ["PUT", `${plain}/rooms/!2%3Aa/send/m.room.message/kured-00ff`, "Bearer token", message],
  ]);
});

test("a title stands before the message", async () => {
  const got = await send("matrix://:token@matrix.example.com/?room=!1:a&title=Node", [sent]);
  assert.equal(got[0]?.[3], '{"msgtype":"m.text","body":"Node\\nRebooting"}');
});

test("a room that refuses does not keep the message from the next, and is told", async () => {
  const url = "matrix://:token@matrix.example.com/?rooms=!1:a,!2:a";
  const refused: Reply = { status: 403, body: '{"errcode":"M_FORBIDDEN","error":"not in room"}' };
  const first = "failed to send matrix notification: not in room (M_FORBIDDEN)";
  await assert.rejects(send(url, [refused, sent]), (error) => {
    return (
      error instanceof NotifyError && error.final && error.message === `1 of 2 targets refused, the first: ${first}`
    );
  });
  assert.equal(receiver.received.length, 2);
});

test("a server that has had too much says how long to wait", async () => {
  const limited = { status: 429, body: '{"errcode":"M_LIMIT_EXCEEDED","error":"slow","retry_after_ms":2500}' };
  await assert.rejects(
    send("matrix://:token@matrix.example.com/?rooms=!1:a", [limited]),
    (error) => error instanceof NotifyError && !error.final && error.retryAfterMs === 2_500,
  );
});

test("a server without logins by password is told of, and the password is not sent", async () => {
  await assert.rejects(
    send("matrix://user:pass@matrix.example.com", [{ body: '{"flows":[{"type":"m.login.sso"}]}' }]),
    (error) => error instanceof NotifyError && error.final && error.message.endsWith("offers no login by password"),
  );
  assert.equal(receiver.received.length, 1);
});

async function send(url: string, replies: readonly Reply[]) {
  receiver.expect(...replies);
  const random = { next: () => 0, hex: () => "00ff" };
  const notifier = notifierFor(url, serviceParts({ web: receiver.web, random }));
  await notifier.send("Rebooting", { signal: new AbortController().signal });
  return receiver.received.map(({ method, url: asked, headers, body }) => [method, asked, headers.authorization, body]);
}

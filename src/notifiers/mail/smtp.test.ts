import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test, type TestContext } from "node:test";
import { NotifyError, type Sending } from "../notifier.ts";
import { notifierFor } from "../registry.ts";
import { serviceParts } from "../testing/parts.ts";
import { startMailServer, type MailServer, type MailServerManners } from "../testing/mail-server.ts";
import { UrlRefused } from "../url/url-refused.ts";

const plain = { offers: ["AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2"] };

test("each recipient gets a mail of their own, in one session with one login", async (t) => {
  const { told, mails, port } = await mailServer(t, plain);
  await send(
    `smtp://user:pa%3Ass@127.0.0.1:${port}/?from=kured@example.com&fromname=Kured&to=a@example.com,b@example.com`,
  );
  // Nobody waits for the farewell.
  while (told.at(-1) !== "QUIT") await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, [
    "EHLO localhost",
    `AUTH PLAIN ${btoa("\0user\0pa:ss")}`,
    "MAIL FROM:<kured@example.com>",
    "RCPT TO:<a@example.com>",
    "DATA",
    "MAIL FROM:<kured@example.com>",
    "RCPT TO:<b@example.com>",
    "DATA",
    "QUIT",
  ]);
  assert.deepEqual(
    mails.map(({ to }) => to),
    ["a@example.com", "b@example.com"],
  );
});

test("a mail says from whom, to whom, about what and in which character set", async (t) => {
  const { mails, port } = await mailServer(t);
  const from = "fromAddress=kured@example.com&fromName=Kured%20%C3%84&title=Nodes%20%C3%84";
  await send(`smtp://127.0.0.1:${port}/?${from}&toAddresses=ops@example.com`, { message: "Rebooting\n.node-1" });
  const { data = "" } = mails[0] ?? {};
  assert.match(data, /^From: =\?UTF-8\?Q\?Kured_=C3=84\?= <kured@example\.com>$/m);
  assert.match(data, /^To: ops@example\.com$/m);
  assert.match(data, /^Subject: =\?UTF-8\?Q\?Nodes_=C3=84\?=$/m);
  assert.match(data, /^Date: /m);
  assert.match(data, /^Message-ID: <\S+@example\.com>$/m);
  assert.match(data, /^MIME-Version: 1\.0$/m);
  assert.match(data, /^Content-Type: text\/plain; charset=utf-8$/m);
  assert.match(data, /\n\nRebooting\n\.node-1\n?$/);
});

test("without a title the subject is empty, as in kured", async (t) => {
  const { mails, port } = await mailServer(t);
  await send(`smtp://127.0.0.1:${port}/?from=k@example.com&to=o@example.com`);
  assert.doesNotMatch(mails[0]?.data ?? "", /^Subject: *\S/m);
});

test("with usehtml the same text comes once as text and once as HTML", async (t) => {
  const { mails, port } = await mailServer(t);
  await send(`smtp://127.0.0.1:${port}/?from=k@example.com&to=o@example.com&useHTML=yes`, { message: "<b>now</b>" });
  const { data = "" } = mails[0] ?? {};
  assert.match(data, /^Content-Type: multipart\/alternative;/m);
  assert.equal(data.match(/^<b>now<\/b>$/gm)?.length, 2);
});

test("a plus sign in an address, which a query means as a space, stays one", async (t) => {
  const { told, port } = await mailServer(t);
  await send(`smtp://127.0.0.1:${port}/?from=kured+prod@example.com&to=ops+nodes@example.com`);
  assert.ok(told.includes("MAIL FROM:<kured+prod@example.com>"), told.join("\n"));
  assert.ok(told.includes("RCPT TO:<ops+nodes@example.com>"), told.join("\n"));
});

test("an OAuth2 token is sent as the bearer that it is", async (t) => {
  const { told, port } = await mailServer(t, plain);
  await send(`smtp://me:token@127.0.0.1:${port}/?from=k@example.com&to=o@example.com&auth=OAuth2`);
  assert.equal(told[1], `AUTH XOAUTH2 ${btoa("user=me\u0001auth=Bearer token\u0001\u0001")}`);
});

test("CRAM-MD5 answers the server's question and never shows the password", async (t) => {
  const proof = createHmac("md5", "secret").update("<1@mail.test>").digest("hex");
  const answer = btoa(`me ${proof}`);
  const { told, port } = await mailServer(t, {
    ...plain,
    answers: { "AUTH CRAM-MD5": `334 ${btoa("<1@mail.test>")}`, [answer]: "235 2.7.0 welcome" },
  });
  await send(`smtp://me:secret@127.0.0.1:${port}/?from=k@example.com&to=o@example.com&auth=CRAMMD5`);
  assert.deepEqual(told.slice(1, 3), ["AUTH CRAM-MD5", answer]);
});

test("a refused login is final, and neither password nor the server's words are in the log", async (t) => {
  const { port } = await mailServer(t, { ...plain, answers: { AUTH: "535 5.7.8 pa55word is wrong" } });
  const error = await refusal(`smtp://me:pa55word@127.0.0.1:${port}/?from=k@example.com&to=o@example.com`);
  assert.equal(error.message, "failed to send mail: the mail server refused the login (535)");
  assert.equal(error.final, true);
});

test("one unknown recipient does not keep the mail from the others", async (t) => {
  const { mails, port } = await mailServer(t, { answers: { "RCPT TO:<gone@": "550 5.1.1 no such user" } });
  const error = await refusal(`smtp://127.0.0.1:${port}/?from=k@example.com&to=gone@example.com,here@example.com`);
  assert.match(
    error.message,
    /^failed to send mail: error sending message to recipient gone@example\.com: .*550 5\.1\.1/,
  );
  assert.equal(error.final, true);
  assert.deepEqual(
    mails.map(({ to }) => to),
    ["here@example.com"],
  );
});

test("a second try goes only to those who did not get the first, also where the session broke", async (t) => {
  const delivered = new Set<string>();
  const answers = { "RCPT TO:<b@": "451 4.3.0 try later", "RCPT TO:<c@": "221 2.0.0 goodbye" };
  const servers = [await mailServer(t, { answers }), await mailServer(t), await mailServer(t)];
  for (const { port } of servers) {
    const url = `smtp://127.0.0.1:${port}/?from=k@example.com&to=a@example.com,b@example.com,c@example.com`;
    await send(url, { delivered }).catch((error: unknown) => assert.ok(error instanceof NotifyError, String(error)));
  }
  const got = servers.map(({ mails }) => mails.map(({ to }) => to));
  assert.deepEqual(got, [["a@example.com"], ["b@example.com", "c@example.com"], []]);
  assert.deepEqual(servers[2]?.told, []);
});

test("a server that is busy is worth another try", async (t) => {
  const { port } = await mailServer(t, { answers: { MAIL: "451 4.3.0 try later" } });
  const error = await refusal(`smtp://127.0.0.1:${port}/?from=k@example.com&to=o@example.com`);
  assert.equal(error.final, false);
});

test("a server that cannot be reached is worth another try", async (t) => {
  const server = await mailServer(t);
  await server.close();
  const error = await refusal(`smtp://127.0.0.1:${server.port}/?from=k@example.com&to=o@example.com`);
  assert.match(error.message, /^failed to send mail: no connection to the mail server: /);
  assert.equal(error.final, false);
});

test("without TLS nothing is sent where TLS is required", async (t) => {
  const { told, port } = await mailServer(t, plain);
  const url = `smtp://me:secret@127.0.0.1:${port}/?from=k@example.com&to=o@example.com&requireStartTLS=yes`;
  await refusal(url);
  assert.ok(!told.some((line) => /^(AUTH|MAIL)/.test(line)), told.join("\n"));
});

test("a server that says nothing is given up on when the deadline has passed", async (t) => {
  const { port } = await mailServer(t, { answers: { EHLO: "" } });
  const stop = new AbortController();
  const sending = send(`smtp://127.0.0.1:${port}/?from=k@example.com&to=o@example.com`, { signal: stop.signal });
  stop.abort(new Error("deadline"));
  await assert.rejects(sending, /^Error: deadline$/);
});

test("URLs that no mail can be sent by are refused before anything is sent", () => {
  const refused: Readonly<Record<string, RegExp>> = {
    "smtp://mail.example.com/?to=a@example.com": /^fromAddress missing from config URL$/,
    "smtp://mail.example.com/?from=a@example.com": /^toAddress missing from config URL$/,
    "smtp:///?from=a@example.com&to=b@example.com": /^host missing from config URL$/,
    "smtp://m/?from=a@example.com&to=b@example.com%3E%0ARCPT": /^invalid mail address$/,
    "smtp://m/?from=a@example.com&to=b@example.com&auth=magic": /^invalid value for auth: not a one of None, Plain, /,
    "smtp://m/?from=a@example.com&to=b@example.com&timeout=soon": /^invalid value for timeout: not a duration/,
    "smtp://m/?from=a@example.com&to=b@example.com&colour=red": /^colour is not a valid config key /,
  };
  for (const [url, message] of Object.entries(refused))
    assert.throws(
      () => notifierFor(url, parts),
      (error) => error instanceof UrlRefused && message.test(error.message),
      url,
    );
});

const parts = serviceParts();

async function mailServer(t: TestContext, manners: MailServerManners = {}): Promise<MailServer> {
  const server = await startMailServer(manners);
  t.after(() => server.close());
  return server;
}

function send(url: string, { message = "Rebooting node-1", ...sending }: Partial<Sending> & { message?: string } = {}) {
  return notifierFor(url, parts).send(message, { signal: new AbortController().signal, ...sending });
}

async function refusal(url: string): Promise<NotifyError> {
  const error: unknown = await send(url).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NotifyError, String(error));
  return error;
}

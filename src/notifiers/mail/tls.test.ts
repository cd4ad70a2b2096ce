import assert from "node:assert/strict";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { test, type TestContext } from "node:test";
import { selfSigned } from "../../../sim/apiserver/fronts/certificate.ts";
import { NotifyError } from "../notifier.ts";
import { notifierFor } from "../registry.ts";
import { startMailServer, type MailServer, type MailServerManners } from "../testing/mail-server.ts";
import { serviceParts } from "../testing/parts.ts";
import { startsWithTls } from "./smtp.ts";

const certificate = selfSigned({ nowMs: Date.now() });
const offers = ["AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2"];
const proof = `AUTH PLAIN ${btoa("\0me\0secret")}`;
const words = "from=k@example.com&to=o@example.com";

test("by TLS from the first byte, everything is said by TLS", async (t) => {
  const server = await mailServer(t, { tls: { ...certificate, from: "first byte" } });
  trust(t);
  await send(`smtp://me:secret@localhost:${server.port}/?${words}&encryption=ImplicitTLS`);
  assert.deepEqual(server.told.slice(0, 2), ["TLS EHLO localhost", `TLS ${proof}`]);
  assert.equal(server.mails.length, 1);
});

test("with STARTTLS the session begins anew by TLS, before the password is told", async (t) => {
  const server = await mailServer(t, { tls: { ...certificate, from: "STARTTLS" } });
  trust(t);
  await send(`smtp://me:secret@localhost:${server.port}/?${words}`);
  assert.deepEqual(server.told.slice(0, 4), ["EHLO localhost", "STARTTLS", "TLS EHLO localhost", `TLS ${proof}`]);
  assert.equal(server.mails.length, 1);
});

for (const from of ["first byte", "STARTTLS"] as const)
  test(`a certificate that nobody vouches for ends it, unless the URL says otherwise (${from})`, async (t) => {
    const server = await mailServer(t, { tls: { ...certificate, from } });
    const how = from === "STARTTLS" ? "requirestarttls=yes" : "encryption=ImplicitTLS";
    const url = `smtp://me:secret@localhost:${server.port}/?${words}&${how}`;
    const error = await refusal(url);
    assert.match(error.message, /^failed to send mail: no connection to the mail server: self.signed certificate/);
    assert.deepEqual(
      server.told.filter((line) => /AUTH|MAIL/.test(line)),
      [],
    );
    await send(`${url}&skiptlsverify=yes`);
    assert.equal(server.mails.length, 1);
  });

test("a certificate for another name ends it too", async (t) => {
  const server = await mailServer(t, { tls: { ...certificate, from: "STARTTLS" }, host: "127.0.0.2" });
  trust(t);
  const error = await refusal(`smtp://me:secret@127.0.0.2:${server.port}/?${words}`);
  assert.match(error.message, /altnames/);
  assert.deepEqual(server.told, ["EHLO localhost", "STARTTLS"]);
});

test("a server that offers STARTTLS and then refuses it gets no password", async (t) => {
  const server = await mailServer(t, {
    tls: { ...certificate, from: "STARTTLS" },
    answers: { STARTTLS: "454 4.7.0 not now" },
  });
  const error = await refusal(`smtp://me:secret@127.0.0.1:${server.port}/?${words}`);
  assert.equal(error.final, false);
  assert.deepEqual(server.told, ["EHLO localhost", "STARTTLS"]);
});

for (const setting of ["starttls=no", "useStartTLS=No"])
  test(`with ${setting} the offer is left alone`, async (t) => {
    const server = await mailServer(t, { tls: { ...certificate, from: "STARTTLS" } });
    await send(`smtp://me:secret@127.0.0.1:${server.port}/?${words}&${setting}`);
    assert.deepEqual(server.told.slice(0, 2), ["EHLO localhost", proof]);
  });

for (const auth of ["Plain", "Login", "OAuth2", "Unknown"])
  test(`without TLS a password does not leave the machine by ${auth}`, async (t) => {
    const server = await mailServer(t, { host: "127.0.0.2" });
    const error = await refusal(`smtp://me:secret@127.0.0.2:${server.port}/?${words}&auth=${auth}`);
    assert.match(error.message, /^failed to send mail: unencrypted connection: the password was not sent$/);
    assert.equal(error.final, true);
    assert.deepEqual(server.told, ["EHLO localhost"]);
  });

test("without TLS CRAM-MD5 may leave the machine: it shows no password", async (t) => {
  const server = await mailServer(t, {
    host: "127.0.0.2",
    answers: { "AUTH CRAM": `334 ${btoa("<1@h>")}`, [btoa("me ")]: "235 hello" },
  });
  await send(`smtp://me:secret@127.0.0.2:${server.port}/?${words}&auth=crammd5`);
  assert.equal(server.told[1], "AUTH CRAM-MD5");
  assert.equal(server.mails.length, 1);
});

test("a login in two steps", async (t) => {
  const [user, secret] = [btoa("me"), btoa("secret")];
  const answers = {
    "AUTH LOGIN": `334 ${btoa("Username:")}`,
    [user]: `334 ${btoa("Password:")}`,
    [secret]: "235 hello",
  };
  const server = await mailServer(t, { tls: { ...certificate, from: "STARTTLS" }, answers });
  await send(`smtp://me:secret@127.0.0.1:${server.port}/?${words}&auth=login&skiptlsverify=yes`);
  assert.deepEqual(server.told.slice(3, 6), ["TLS AUTH LOGIN", `TLS ${user}`, `TLS ${secret}`]);
});

test("a token that is refused is told by its status only", async (t) => {
  const answers = { "AUTH XOAUTH2": `334 ${btoa('{"status":"401","secret":"secret"}')}`, "": "535 5.7.8 secret" };
  const server = await mailServer(t, { answers: { EHLO: "250-mail.test\r\n250 AUTH XOAUTH2", ...answers } });
  const error = await refusal(`smtp://me:secret@127.0.0.1:${server.port}/?${words}&auth=oauth2`);
  assert.match(error.message, /^failed to send mail: the mail server refused the login/);
  assert.doesNotMatch(error.message, /secret/);
});

for (const query of [`${words}&auth=None`, words])
  test(`nobody logs in with ?${query}`, async (t) => {
    const server = await mailServer(t);
    const user = query.includes("None") ? "me:secret@" : "";
    await send(`smtp://${user}127.0.0.1:${server.port}/?${query}&clienthost=node-1`);
    assert.deepEqual(server.told.slice(0, 2), ["EHLO node-1", "MAIL FROM:<k@example.com>"]);
  });

test("with clienthost=auto the machine says its own name", async (t) => {
  const server = await mailServer(t);
  await send(`smtp://127.0.0.1:${server.port}/?${words}&clienthost=auto`);
  assert.match(server.told[0] ?? "", /^EHLO (?!localhost$|auto$)\S+$/);
});

test("when TLS begins with the first byte: where it is said, and on port 465", () => {
  const settings = ["None", "ExplicitTLS", "ImplicitTLS", "Auto"] as const;
  const begins = settings.map((encryption) => [25, 465, 587].filter((port) => startsWithTls(encryption, port)));
  assert.deepEqual(begins, [[], [], [25, 465, 587], [465]]);
});

const idle: Readonly<Record<string, readonly string[]>> = {
  "encryption=None": ["encryption=None does not keep STARTTLS away: starttls=no does"],
  "encryption=None&starttls=no": [],
  "encryption=ExplicitTLS": ["encryption=ExplicitTLS does not insist on STARTTLS: requirestarttls=yes does"],
  "encryption=ExplicitTLS&requirestarttls=yes": [],
  "auth=None": ["user and password have no effect: auth is None"],
};

for (const [query, warnings] of Object.entries(idle))
  test(`${query} ${warnings.length === 0 ? "is what it seems" : "is not all that it seems, and that is said"}`, () => {
    assert.deepEqual(notifierFor(`smtp://me:secret@h/?${words}&${query}`, serviceParts()).warnings, warnings);
  });

async function mailServer(t: TestContext, manners: MailServerManners = {}): Promise<MailServer> {
  const server = await startMailServer({ offers, ...manners });
  t.after(() => server.close());
  return server;
}

/** Has this process believe the server's certificate until the test is over. */
function trust(t: TestContext): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate.cert]);
  t.after(() => setDefaultCACertificates(before));
}

async function send(url: string): Promise<void> {
  await notifierFor(url, serviceParts()).send("Rebooting", { signal: new AbortController().signal });
}

async function refusal(url: string): Promise<NotifyError> {
  const error: unknown = await send(url).catch((reason: unknown) => reason);
  assert.ok(error instanceof NotifyError, String(error));
  assert.doesNotMatch(error.message, /secret/);
  return error;
}

import type SMTPConnection from "nodemailer/lib/smtp-connection";
import type { Mail } from "./mail.ts";
import { composeMail } from "./mail.ts";
import { MailRefused, refusalOf } from "./refusal.ts";

/** A mail server and how to talk to it. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, as on port 465. */
  readonly implicitTls: boolean;
  /** What to make of a connection that begins in plain text; `offered` goes on unencrypted when the server has none. */
  readonly startTls: "never" | "offered" | "required";
  readonly skipTlsVerify: boolean;
  /** What EHLO says; absent for the machine's own name. */
  readonly clientName?: string;
  /** How long one step of the conversation may take. */
  readonly patienceMs: number;
  readonly login?: Login;
}

/** How to prove who is sending. `secret` is a password, or the bearer token of `XOAUTH2`. */
export interface Login {
  readonly method: "PLAIN" | "LOGIN" | "CRAM-MD5" | "XOAUTH2";
  readonly user: string;
  readonly secret: string;
}

/** One mail that the server would not take; the others of the same session may have gone out. */
export interface Undelivered {
  readonly to: string;
  readonly refusal: MailRefused;
}

/**
 * Sends mails one after the other in one SMTP session and answers with those that were refused; whoever got theirs is
 * added to `delivered`, also where the session breaks behind it. Rejects with a `MailRefused` when there was no session
 * to speak of, and with `signal.reason` when the signal aborts. The library is loaded by the first call: who sends no
 * mail does not pay for it.
 */
export async function sendMails(
  mails: readonly Mail[],
  server: MailServer,
  { signal, delivered }: { readonly signal: AbortSignal; readonly delivered: Set<string> },
): Promise<readonly Undelivered[]> {
  const { default: Connection } = await import("nodemailer/lib/smtp-connection");
  signal.throwIfAborted();
  const connection = new Connection(connectionOptions(server));
  const { promise, resolve, reject } = Promise.withResolvers<readonly Undelivered[]>();
  const giveUp = (reason: unknown): void => {
    reject(reason);
    connection.close();
  };
  const abort = (): void => giveUp(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  // Both stay to the end: a socket can break between two steps, when no step's own callback is there to hear it.
  connection.on("error", (error) => reject(refusalOf("connection", error)));
  connection.once("end", () => reject(new MailRefused("the mail server closed the connection", { final: false })));
  converse(connection, { server, mails, delivered }).then(resolve, giveUp);
  try {
    const undelivered = await promise;
    // Nobody waits for the farewell: all is delivered, and a slow goodbye must not cause a second try.
    connection.quit();
    return undelivered;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

interface Conversation {
  readonly server: MailServer;
  readonly mails: readonly Mail[];
  readonly delivered: Set<string>;
}

async function converse(
  connection: SMTPConnection,
  { server, mails, delivered }: Conversation,
): Promise<readonly Undelivered[]> {
  await step("connection", (done) => connection.connect(done));
  if (server.login !== undefined) await logIn(connection, server, server.login);
  const undelivered: Undelivered[] = [];
  for (const mail of mails) {
    const bytes = await composeMail(mail);
    const envelope = { from: mail.from.address, to: [mail.to] };
    try {
      await step("mail", (done) => connection.send(envelope, bytes, done));
      delivered.add(mail.to);
    } catch (error) {
      if (!(error instanceof MailRefused)) throw error;
      undelivered.push({ to: mail.to, refusal: error });
      await step("mail", (done) => connection.reset(done));
    }
  }
  return undelivered;
}

/** Go's client, which kured used, never shows a password to a network in plain text; nor does this one. */
async function logIn(connection: SMTPConnection, server: MailServer, login: Login): Promise<void> {
  if (!connection.secure && login.method !== "CRAM-MD5" && !loopback.has(server.host)) {
    throw new MailRefused("unencrypted connection: the password was not sent", { final: true });
  }
  const { user, secret } = login;
  const method = login.method === "XOAUTH2" ? bearerMethod : login.method;
  await step("login", (done) => connection.login({ method, credentials: { user, pass: secret } }, done));
}

const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** One step of the library's, whose callback takes an error first, as a promise. */
function step(name: "connection" | "login" | "mail", start: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error === undefined || error === null) resolve();
      else reject(refusalOf(name, error));
    });
  });
}

function connectionOptions(server: MailServer): SMTPConnection.Options {
  return {
    host: server.host,
    port: server.port,
    secure: server.implicitTls,
    ignoreTLS: server.startTls === "never",
    requireTLS: server.startTls === "required",
    tls: { rejectUnauthorized: !server.skipTlsVerify },
    name: server.clientName,
    connectionTimeout: server.patienceMs,
    greetingTimeout: server.patienceMs,
    dnsTimeout: server.patienceMs,
    socketTimeout: server.patienceMs,
    customAuth: { [bearerMethod]: bearerLogin },
  };
}

/**
 * Not by its real name: without means to fetch tokens the library would take that for a wish and send them by PLAIN.
 */
const bearerMethod = "KURED-XOAUTH2";

/** The library's own way to this login wants to fetch tokens; here the token is what the user wrote. */
async function bearerLogin(context: SMTPConnection.CustomAuthenticationContext): Promise<void> {
  const { user, pass } = context.auth.credentials;
  const proof = Buffer.from(`user=${user}\u0001auth=Bearer ${pass}\u0001\u0001`).toString("base64");
  const answer = await context.sendCommand(`AUTH XOAUTH2 ${proof}`);
  if (answer.status === 235) return;
  // A refusal comes as a question, with the reason; the empty answer asks for the status itself.
  const last = answer.status === 334 ? await context.sendCommand("") : answer;
  throw new Error(`refused with status ${last.status}`);
}

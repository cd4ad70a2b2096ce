import { parseDuration } from "../../core/duration.ts";
import type { Notifier } from "../notifier.ts";
import { NotifyError } from "../notifier.ts";
import { readProperties, type Property, type Values } from "../url/properties.ts";
import { bool, choice, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { MailRefused } from "./refusal.ts";
import { sendMails, type Login, type MailServer, type Undelivered } from "./session.ts";

const properties = {
  from: text({ aliases: ["fromaddress"] }),
  fromname: text(),
  to: list({ aliases: ["toaddresses"] }),
  subject: text({ aliases: ["title"] }),
  auth: choice(["None", "Plain", "CRAMMD5", "Unknown", "OAuth2", "Login"], { fallback: "Unknown" }),
  encryption: choice(["None", "ExplicitTLS", "ImplicitTLS", "Auto"], { fallback: "Auto" }),
  starttls: bool(true, { aliases: ["usestarttls"] }),
  usehtml: bool(false),
  clienthost: text({ fallback: "localhost" }),
  requirestarttls: bool(false),
  skiptlsverify: bool(false),
  timeout: milliseconds(10_000),
};

type Settings = Values<typeof properties>;

/** `smtp://[user:password@]host[:port]/?from=…&to=…,…`: one mail for each recipient, all in one session. */
export function smtpNotifier(url: ServiceUrl): Notifier {
  const set = readProperties(url, properties);
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  const address = plusSigns(set.from);
  const recipients = set.to.map(plusSigns);
  if (address === "") throw new UrlRefused("fromAddress missing from config URL");
  if (recipients.length === 0) throw new UrlRefused("toAddress missing from config URL");
  if (![address, ...recipients].every((one) => plainAddress.test(one))) throw new UrlRefused("invalid mail address");
  const server = serverOf(url, set);
  const common = { from: { name: set.fromname, address }, subject: set.subject, html: set.usehtml };
  return {
    name: `smtp ${url.hostname}`,
    warnings: idleSettings(url, set),
    send: async (message, { signal, delivered = new Set() }) => {
      const left = recipients.filter((to) => !delivered.has(to));
      if (left.length === 0) return;
      const mails = left.map((to) => ({ ...common, to, text: message }));
      const undelivered = await sendMails(mails, server, { signal, delivered }).catch((error: unknown) => {
        throw error instanceof MailRefused ? notifyError(error.message, error.final) : error;
      });
      const [first] = undelivered;
      if (first !== undefined) throw someUndelivered(first, undelivered);
    },
  };
}

/** Nothing that could end an SMTP command or a header. */
const plainAddress = /^[^\s<>,;"\\]+@[^\s<>,;"\\]+$/;

/** In a query a plus sign means a space, and an address has no spaces. */
function plusSigns(written: string): string {
  return written.replaceAll(" ", "+");
}

function someUndelivered(first: Undelivered, all: readonly Undelivered[]): NotifyError {
  const others = all.length === 1 ? "" : ` (and ${all.length - 1} more)`;
  return notifyError(
    `error sending message to recipient ${first.to}${others}: ${first.refusal.message}`,
    all.every(({ refusal }) => refusal.final),
  );
}

function notifyError(message: string, final: boolean): NotifyError {
  return new NotifyError(`failed to send mail: ${message}`, { final });
}

/** As in kured, where only STARTTLS's own settings rule it. */
function idleSettings(url: ServiceUrl, { encryption, starttls, requirestarttls, auth }: Settings): readonly string[] {
  const all: Readonly<Record<string, boolean>> = {
    "encryption=None does not keep STARTTLS away: starttls=no does":
      encryption === "None" && (starttls || requirestarttls),
    "encryption=ExplicitTLS does not insist on STARTTLS: requirestarttls=yes does":
      encryption === "ExplicitTLS" && !requirestarttls,
    "user and password have no effect: auth is None": auth === "None" && url.user !== undefined,
  };
  return Object.keys(all).filter((warning) => all[warning]);
}

function serverOf(url: ServiceUrl, set: Settings): MailServer {
  const port = url.port === "" ? 25 : Number(url.port);
  const login = loginOf(url, set);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    // The other two values of "encryption" change nothing in kured: whether to start TLS is what "starttls" says.
    implicitTls: startsWithTls(set.encryption, port),
    startTls: startTlsOf(set),
    skipTlsVerify: set.skiptlsverify,
    patienceMs: set.timeout,
    ...(set.clienthost !== "auto" && { clientName: set.clienthost }),
    ...(login !== undefined && { login }),
  };
}

/** Whether TLS begins with the first byte. */
export function startsWithTls(encryption: Settings["encryption"], port: number): boolean {
  return encryption === "ImplicitTLS" || (encryption === "Auto" && port === 465);
}

function startTlsOf({ starttls, requirestarttls }: Settings): MailServer["startTls"] {
  if (requirestarttls) return "required";
  return starttls ? "offered" : "never";
}

function loginOf({ user = "", password: secret = "" }: ServiceUrl, { auth }: Settings): Login | undefined {
  switch (auth) {
    case "None":
      return undefined;
    case "Unknown":
      return user === "" ? undefined : { method: "PLAIN", user, secret };
    case "Plain":
      return { method: "PLAIN", user, secret };
    case "Login":
      return { method: "LOGIN", user, secret };
    case "CRAMMD5":
      return { method: "CRAM-MD5", user, secret };
    case "OAuth2":
      return { method: "XOAUTH2", user, secret };
  }
}

function milliseconds(fallback: number): Property<number> {
  return {
    aliases: [],
    fallback,
    parse: (written) => {
      const reading = parseDuration(written);
      if (reading.kind === "invalid" || reading.nanoseconds <= 0n) throw new UrlRefused("not a duration such as 10s");
      return Math.max(1, Number(reading.nanoseconds / 1_000_000n));
    },
  };
}

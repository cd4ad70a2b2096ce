import { exchange, jsonObject, refusedBy, saying } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { bool, choice, list, text } from "../url/property-types.ts";
import { parseQuery } from "../url/query.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  title: text(),
  scheme: choice(["https", "http"], { fallback: "https" }),
  tags: list(),
  priority: choice(["Min", "Low", "Default", "High", "Max"], {
    fallback: "Default",
    synonyms: { "1": "Min", "2": "Low", "3": "Default", "4": "High", "5": "Max", urgent: "Max" },
  }),
  actions: list({ separator: ";" }),
  click: text(),
  attach: text(),
  filename: text(),
  delay: text({ aliases: ["at", "in"] }),
  email: text(),
  icon: text(),
  cache: bool(true),
  firebase: bool(true),
  markdown: bool(false),
  disabletls: bool(false),
  disabletlsverification: bool(false),
};

/** `ntfy://[user:password@]host/topic`; an access token is a password without a user. */
export function ntfyNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  // Actions are separated by semicolons, which a query otherwise must not contain.
  const query = parseQuery(url.rawQuery.replaceAll(";", "%3b"));
  const set = readProperties({ ...url, query }, properties);
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  if (url.path.length <= 1) throw new UrlRefused("topic missing from config URL");
  const headers = headersOf(set);
  const target = `${set.disabletls ? "http" : set.scheme}://${credentials(url)}${hostOf(url)}${url.rawPath}`;
  return {
    name: `ntfy ${url.hostname}`,
    send: async (message, { signal }) => {
      const request = { method: "POST", url: target, headers, body: message } as const;
      const answer = await exchange({ ...request, skipTlsVerify: set.disabletlsverification }, { web, signal });
      const reply = jsonObject(answer);
      if (answer.status < 400 && reply !== undefined) return;
      const why = reply ? refusalOf(reply) : `status ${answer.status}`;
      throw refusedBy(answer, `failed to send ntfy notification: server response: ${why}`);
    },
  };
}

function refusalOf({ error, code, link }: Readonly<Record<string, unknown>>): string {
  return `${saying(error)} (${saying(code)})${typeof link === "string" && link !== "" ? `, see: ${saying(link)}` : ""}`;
}

function credentials({ user = "", password = "" }: ServiceUrl): string {
  return user === "" && password === "" ? "" : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
}

function headersOf(set: Values<typeof properties>): Readonly<Record<string, string>> {
  const all = {
    title: set.title,
    priority: set.priority,
    tags: set.tags.join(","),
    delay: set.delay,
    actions: set.actions.join(";"),
    click: set.click,
    attach: set.attach,
    "x-icon": set.icon,
    filename: set.filename,
    email: set.email,
    cache: set.cache ? "" : "no",
    firebase: set.firebase ? "" : "no",
    "content-type": set.markdown ? "text/markdown" : "",
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, headerValue(value)]),
  );
}

/** Headers are ASCII; what is not, ntfy reads as mail has it (RFC 2047). */
function headerValue(text: string): string {
  if (/^[\u0020-\u007e]*$/.test(text)) return text;
  return `=?UTF-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

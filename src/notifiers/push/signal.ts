import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { bool, text } from "../url/property-types.ts";
import { pathParts, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { token: text({ aliases: ["apikey"] }), disabletls: bool(false) };

/** `signal://[user:password@]host[:8080]/+sender/+recipient/group.id`: a server of signal-cli's REST interface. */
export function signalNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { token, disabletls } = readProperties(url, properties);
  const [sender = "", ...recipients] = pathParts(url).filter((part) => part !== "");
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  if (!phoneNumber.test(sender)) throw new UrlRefused("the sender is not a phone number of the form +1234567");
  if (recipients.length === 0) throw new UrlRefused("recipients missing from config URL");
  if (!recipients.every((one) => phoneNumber.test(one) || /^group\../.test(one))) {
    throw new UrlRefused("a recipient is neither a phone number nor group.id");
  }
  const origin = `${disabletls ? "http" : "https"}://${credentials(url, token)}${url.hostname}:${url.port || 8080}`;
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  return {
    name: `signal ${url.hostname}`,
    warnings: token !== "" && url.user ? ["user and password have no effect: there is a token"] : [],
    send: async (message, { signal }) => {
      const post = jsonPost(`${origin}/v2/send`, { body: { message, number: sender, recipients }, headers });
      const answer = await exchange(post, { web, signal });
      if (answer.status >= 200 && answer.status < 300) return;
      throw refusedBy(answer, `failed to send signal notification: status ${answer.status}`);
    },
  };
}

const phoneNumber = /^\+[0-9\s()-]{4,}$/;

/** A token wins over a password: a request carries one `Authorization`. */
function credentials({ user = "", password = "" }: ServiceUrl, token: string): string {
  if (token !== "" || unlessEmpty(user) === undefined) return "";
  return `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
}

import { exchange, goJson, refusedBy } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { bool, choice, text } from "../url/property-types.ts";
import { encodeQuery, type QueryPair } from "../url/query.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { withoutEffect } from "../url/without-effect.ts";

const properties = {
  contenttype: text({ fallback: "application/json" }),
  disabletls: bool(false),
  template: text(),
  title: text(),
  titlekey: text({ fallback: "title" }),
  messagekey: text({ fallback: "message" }),
  method: choice(["POST", "PUT", "PATCH", "GET", "DELETE"], { fallback: "POST" }),
};

/** `generic://host/path`: our own settings are in the query, and whatever else is there goes to the receiver. */
export function genericNotifier(url: ServiceUrl, parts: ServiceParts): Notifier {
  const own = url.query.filter(([key]) => Object.hasOwn(properties, key));
  const others = url.query.filter(([key]) => !Object.hasOwn(properties, key));
  const set = readProperties({ ...url, query: own }, properties);
  return receiverNotifier(url, {
    ...parts,
    set,
    warnings: idleSettings(url, set.template),
    others: others.map(([key, value]) => [key.replace(/^__/, ""), value]),
  });
}

/** `generic+https://host/path`: the receiver's own URL, whose query is the receiver's. */
export function customGenericNotifier(url: ServiceUrl, parts: ServiceParts): Notifier {
  const set = { ...readProperties({ ...url, query: [] }, properties), disabletls: url.scheme.endsWith("+http") };
  return receiverNotifier(url, { ...parts, set, warnings: idleExtras(url, ""), others: url.query });
}

interface ReceiverParts extends ServiceParts {
  readonly set: ReturnType<typeof readProperties<typeof properties>>;
  readonly others: readonly QueryPair[];
  readonly warnings: readonly string[];
}

function receiverNotifier(url: ServiceUrl, { set, others, warnings, web }: ReceiverParts): Notifier {
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  const { template, contenttype, messagekey, method } = set;
  if (template !== "" && template.toLowerCase() !== "json") throw new UrlRefused("template has not been loaded");
  const headers = others.flatMap(([key, value]) =>
    key.startsWith("@") ? [[headerName(key.slice(1)), value] as const] : [],
  );
  const extras = others.flatMap(([key, value]) => (key.startsWith("$") ? [[key.slice(1), value] as const] : []));
  const query = encodeQuery(others.filter(([key]) => !/^[@$]/.test(key)));
  const target = `${set.disabletls ? "http" : "https"}://${userinfo(url)}${hostOf(url)}${url.rawPath}${query === "" ? "" : `?${query}`}`;
  return {
    name: `generic ${url.hostname}`,
    warnings,
    send: async (message, { signal }) => {
      const fields: readonly QueryPair[] = [[messagekey, message], ...extras];
      const sorted = fields.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
      const request = {
        method,
        url: target,
        headers: { "content-type": contenttype, accept: contenttype, ...Object.fromEntries(headers) },
        body: template === "" ? message : goJson(Object.fromEntries(sorted)),
      };
      const answer = await exchange(request, { web, signal });
      if (answer.status >= 300)
        throw refusedBy(
          answer,
          "an error occurred while sending notification to generic webhook: " +
            `server returned response status code ${answer.status}`,
        );
    },
  };
}

/** As in kured, where the title of a message never came from the URL. */
function idleSettings(url: ServiceUrl, template: string): readonly string[] {
  return [
    ...withoutEffect(url, ["title", "titlekey"], "messages have no title"),
    ...(template === "" ? withoutEffect(url, ["messagekey"], "without a template the message is sent as it is") : []),
    ...idleExtras(url, template),
  ];
}

function idleExtras({ query }: ServiceUrl, template: string): readonly string[] {
  if (template !== "" || !query.some(([key]) => key.startsWith("$"))) return [];
  return ["$ keys have no effect: without a template there are no fields"];
}

/** `acceptLanguage` is `Accept-Language`. */
function headerName(key: string): string {
  const words = key.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-");
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(words)) throw new UrlRefused("a header's name is not one");
  return words.toLowerCase().replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

function userinfo({ user, password }: ServiceUrl): string {
  if (user === undefined) return "";
  return `${encodeURIComponent(user)}${password === undefined ? "" : `:${encodeURIComponent(password)}`}@`;
}

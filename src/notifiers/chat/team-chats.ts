import { exchange, jsonPost, refusedBy, saying, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { bool, text } from "../url/property-types.ts";
import { hostOf, pathParts, type ServiceUrl } from "../url/service-url.ts";
import { encodeQuery } from "../url/query.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { strayKeys } from "../url/without-effect.ts";

const mattermostProperties = {
  icon: text({ aliases: ["icon_emoji", "icon_url"] }),
  title: text(),
  disabletls: bool(false),
};

/** `mattermost://[username@]host[:port]/token[/channel]`. */
export function mattermostNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, mattermostProperties);
  const [token = "", channel = ""] = pathParts(url);
  if (token === "")
    throw new UrlRefused(
      "the apiURL does not include enough arguments, either provide 1 or 3 arguments (they may be empty)",
    );
  const iconKey = /https?:\/\//.test(set.icon) ? "icon_url" : "icon_emoji";
  return {
    name: `mattermost ${url.hostname}`,
    send: async (message, { signal }) => {
      const body = {
        text: set.title === "" ? message : `${set.title}\n${message}`,
        username: unlessEmpty(url.user ?? ""),
        channel: unlessEmpty(channel),
        [iconKey]: unlessEmpty(set.icon),
      };
      const target = `${set.disabletls ? "http" : "https"}://${hostOf(url)}/hooks/${encodeURIComponent(token)}`;
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      if (answer.status !== 200) throw refusedBy(answer, `mattermost answered ${answer.status}`);
    },
  };
}

/** `rocketchat://[username@]host[:port]/tokenA/tokenB[/channel|/@recipient]`, or the channel as `#channel`. */
export function rocketchatNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const [first = "", second = "", written = ""] = pathParts(url);
  if (second === "") throw new UrlRefused("the apiURL does not include enough arguments");
  const name = written === "" ? url.fragment : written;
  const channel = name === "" || /^[#@]/.test(name) ? name : `#${name}`;
  const words = [first, second].map((word) => encodeURIComponent(word)).join("/");
  return {
    name: `rocketchat ${url.hostname}`,
    warnings: strayKeys(url, {}),
    send: async (message, { signal }) => {
      const body = { text: message, username: unlessEmpty(url.user ?? ""), channel: unlessEmpty(channel) };
      const answer = await exchange(jsonPost(`https://${hostOf(url)}/hooks/${words}`, { body }), { web, signal });
      if (answer.status !== 200)
        throw refusedBy(answer, `notification failed: ${answer.status} ${saying(answer.body)}`.trim());
    },
  };
}

const googlechatProperties = { key: text(), token: text() };

/** `googlechat://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…`. */
export function googlechatNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, googlechatProperties, { unknown: "ignore" });
  if (set.key === "") throw new UrlRefused("missing field 'key'");
  if (set.token === "") throw new UrlRefused("missing field 'token'");
  const query = encodeQuery([
    ["key", set.key],
    ["token", set.token],
  ]);
  return {
    name: "googlechat",
    warnings: strayKeys(url, googlechatProperties),
    send: async (message, { signal }) => {
      const target = `https://${hostOf(url)}${url.rawPath}?${query}`;
      const answer = await exchange(jsonPost(target, { body: { text: message } }), { web, signal });
      if (answer.status < 200 || answer.status >= 300) throw refusedBy(answer, `Google Chat answered ${answer.status}`);
    },
  };
}

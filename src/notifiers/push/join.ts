import { exchange, refusedBy } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { list, text } from "../url/property-types.ts";
import { encodeQuery, type QueryPair } from "../url/query.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { devices: list(), title: text(), icon: text() };

/** `join://shoutrrr:apiKey@join/?devices=one,two`. */
export function joinNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { devices, title, icon } = readProperties(url, properties);
  const { password: key = "" } = url;
  if (key === "") throw new UrlRefused("API key missing from config URL");
  if (devices.length === 0) throw new UrlRefused("devices missing from config URL");
  return {
    name: "join",
    send: async (message, { signal }) => {
      const optional: readonly QueryPair[] = [
        ["title", title],
        ["icon", icon],
      ];
      const query = encodeQuery([
        ["deviceIds", devices.join(",")],
        ["apikey", key],
        ["text", message],
        ...optional.filter(([, value]) => value !== ""),
      ]);
      const target = `https://joinjoaomgcd.appspot.com/_ah/api/messaging/v1/sendPush?${query}`;
      const headers = { "content-type": "text/plain" };
      const answer = await exchange({ method: "POST", url: target, headers }, { web, signal });
      if (answer.status !== 200) throw refusedBy(answer, `failed to send join notification: status ${answer.status}`);
    },
  };
}

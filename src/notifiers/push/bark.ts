import { exchange, jsonObject, jsonPost, refusedBy, saying, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { choice, integer, text } from "../url/property-types.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  title: text(),
  scheme: choice(["https", "http"], { fallback: "https" }),
  sound: text(),
  badge: integer(0),
  icon: text(),
  group: text(),
  url: text(),
  category: text(),
  copy: text(),
};

/**
 * `bark://:deviceKey@host[/path]`; the key may also stand where the documentation of kured's library puts it, as user.
 */
export function barkNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const deviceKey = unlessEmpty(url.password ?? "") ?? url.user ?? "";
  if (deviceKey === "") throw new UrlRefused("device key missing from config URL");
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  const target = `${set.scheme}://${hostOf(url)}${url.rawPath.replace(/\/$/, "")}/push`;
  return {
    name: `bark ${url.hostname}`,
    send: async (message, { signal }) => {
      const body = {
        body: message,
        device_key: deviceKey,
        title: set.title,
        sound: unlessEmpty(set.sound),
        badge: set.badge,
        icon: unlessEmpty(set.icon),
        group: unlessEmpty(set.group),
        url: unlessEmpty(set.url),
        category: unlessEmpty(set.category),
        copy: unlessEmpty(set.copy),
      };
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      const reply = jsonObject(answer);
      if (reply?.["code"] === 200) return;
      const why = reply ? saying(reply["message"]) : `status ${answer.status}`;
      throw refusedBy(answer, `failed to send bark notification: ${why}`);
    },
  };
}

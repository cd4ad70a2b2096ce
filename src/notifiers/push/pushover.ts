import { exchange, refusedBy } from "../exchange.ts";
import { formPost } from "../form.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { integer, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { devices: list(), priority: integer(0), title: text() };

/** `pushover://shoutrrr:apiToken@userKey/`. */
export function pushoverNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { devices, priority, title } = readProperties(url, properties);
  const { hostname: user, password: token = "" } = url;
  if (user === "") throw new UrlRefused("user missing from config URL");
  if (token === "") throw new UrlRefused("token missing from config URL");
  return {
    name: "pushover",
    send: async (message, { signal }) => {
      const form = formPost("https://api.pushover.net/1/messages.json", {
        fields: {
          device: devices.join(","),
          user,
          token,
          message,
          title: title === "" ? undefined : title,
          priority: priority >= -2 && priority <= 1 ? String(priority) : undefined,
        },
      });
      const answer = await exchange(form, { web, signal });
      if (answer.status !== 200) {
        throw refusedBy(answer, `failed to send pushover notification: status ${answer.status}`);
      }
    },
  };
}

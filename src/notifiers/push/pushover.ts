import { exchange, refusedBy } from "../exchange.ts";
import { formPost } from "../form.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { integer, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { pushoverSealer } from "./pushover-encryption.ts";

const properties = {
  devices: list(),
  priority: integer(0),
  title: text(),
  encryptionkey: text({ aliases: ["key"] }),
};

/** `pushover://shoutrrr:apiToken@userKey/`. */
export function pushoverNotifier(url: ServiceUrl, { web, random }: ServiceParts): Notifier {
  const { devices, priority, title, encryptionkey } = readProperties(url, properties);
  const { hostname: user, password: token = "" } = url;
  if (user === "") throw new UrlRefused("user missing from config URL");
  if (token === "") throw new UrlRefused("token missing from config URL");
  const seal = pushoverSealer(encryptionkey, (bytes) => random.hex(bytes));
  const plain = priority >= -2 && priority <= 1;
  return {
    name: "pushover",
    warnings: plain ? [] : ["priority has no effect: only -2 to 1 can be sent"],
    send: async (message, { signal }) => {
      const form = formPost("https://api.pushover.net/1/messages.json", {
        fields: {
          device: devices.join(","),
          user,
          token,
          message: seal === undefined ? message : await seal(message),
          title: title === "" ? undefined : seal === undefined ? title : await seal(title),
          priority: plain ? String(priority) : undefined,
          encrypted: seal === undefined ? undefined : "1",
        },
      });
      const answer = await exchange(form, { web, signal });
      if (answer.status !== 200) {
        throw refusedBy(answer, `failed to send pushover notification: status ${answer.status}`);
      }
    },
  };
}

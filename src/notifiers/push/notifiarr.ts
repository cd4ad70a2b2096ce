import { exchange, jsonPost, refusedBy } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  name: text({ fallback: "Shoutrrr" }),
  channel: text(),
  thumbnail: text(),
  image: text(),
  color: text(),
};

/** `notifiarr://apiKey`. */
export function notifiarrNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { name, channel, thumbnail, image, color } = readProperties(url, properties);
  const key = url.hostname;
  if (key === "") throw new UrlRefused("API key missing from config URL");
  if (!/^([1-9][0-9]{0,19})?$/.test(channel)) throw new UrlRefused("invalid value for channel: not a number");
  const pictures = Object.entries({ thumbnail, image }).filter(([, address]) => address !== "");
  const target = `https://notifiarr.com/api/v1/notification/passthrough/${encodeURIComponent(key)}`;
  return {
    name: "notifiarr",
    send: async (message, { signal }) => {
      const post = jsonPost(target, {
        body: {
          notification: { name },
          discord: {
            color: color === "" ? undefined : color,
            images: pictures.length === 0 ? undefined : Object.fromEntries(pictures),
            text: { description: message },
          },
        },
      });
      const answer = await exchange({ ...post, body: withChannel(post.body ?? "", channel) }, { web, signal });
      if (answer.status >= 200 && answer.status < 300) return;
      throw refusedBy(answer, `failed to send notifiarr notification: status ${answer.status}`);
    },
  };
}

/** A channel's number has more digits than a JavaScript number holds, so it goes into the JSON as it was written. */
function withChannel(json: string, channel: string): string {
  return channel === "" ? json : json.replace(/\}\}$/, `,"ids":{"channel":${channel}}}}`);
}

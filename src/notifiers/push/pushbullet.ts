import { exchange, jsonObject, jsonPost, refusedBy } from "../exchange.ts";
import { toEveryTarget } from "../every-target.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { title: text() };

/** `pushbullet://token[/device][/#channel][/name@example.com]`; without a target, all devices of the token's owner. */
export function pushbulletNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { title } = readProperties(url, properties);
  const token = url.hostname;
  if (token.length !== 34) throw new UrlRefused("token has incorrect size");
  // A `#` that nobody escaped begins the fragment; it is meant to be the mark of a channel.
  const path = url.path.replace(/^\//, "") + (url.fragment === "" ? "" : `/#${url.fragment}`);
  const targets = path.split("/").filter((target) => target !== "");
  return {
    name: "pushbullet",
    send: (message, sending) =>
      toEveryTarget(
        targets.length === 0 ? [""] : targets,
        async (target) => {
          const body = { type: "note", title, body: message, ...addressOf(target) };
          const post = jsonPost("https://api.pushbullet.com/v2/pushes", { body, headers: { "access-token": token } });
          const answer = await exchange(post, { web, ...sending });
          if (answer.status >= 400 || jsonObject(answer) === undefined) {
            throw refusedBy(answer, `failed to send pushbullet notification: status ${answer.status}`);
          }
        },
        sending,
      ),
  };
}

function addressOf(target: string) {
  const none = { email: "", channel_tag: "", device_iden: "" };
  if (/@.*\./.test(target)) return { ...none, email: target };
  if (target.startsWith("#")) return { ...none, channel_tag: target.slice(1) };
  return { ...none, device_iden: target };
}

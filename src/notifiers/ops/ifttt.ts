import { exchange, jsonPost, refusedBy } from "../exchange.ts";
import { toEveryTarget } from "../every-target.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { integer, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { withoutEffect } from "../url/without-effect.ts";

const properties = {
  events: list(),
  value1: text(),
  value2: text(),
  value3: text(),
  messagevalue: integer(2, { aliases: ["usemessageasvalue"], min: 1, max: 3 }),
  titlevalue: integer(0, { aliases: ["usetitleasvalue"], min: 0, max: 3 }),
  title: text(),
};

/** `ifttt://key/?events=one,two`: each event with three values, one of which is the message. */
export function iftttNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const key = url.hostname;
  if (key === "") throw new UrlRefused("webhook ID missing from config URL");
  if (set.events.length === 0) throw new UrlRefused("events missing from config URL");
  if (set.titlevalue === set.messagevalue) throw new UrlRefused("value cannot be used for both message and title");
  return {
    name: "ifttt",
    warnings: [
      ...withoutEffect(url, [`value${set.messagevalue}`], "the message stands there"),
      ...withoutEffect(url, [`value${set.titlevalue}`], "the title stands there"),
      ...(set.titlevalue === 0 ? withoutEffect(url, ["title"], "titlevalue does not say where to") : []),
    ],
    send: (message, sending) =>
      toEveryTarget(
        set.events,
        async (event) => {
          const [value1, value2, value3] = [set.value1, set.value2, set.value3].map((value, index) => {
            if (set.messagevalue === index + 1) return message;
            return set.titlevalue === index + 1 ? set.title : value;
          });
          const target = `https://maker.ifttt.com/trigger/${encodeURIComponent(event)}/with/key/${encodeURIComponent(key)}`;
          const answer = await exchange(jsonPost(target, { body: { value1, value2, value3 } }), { web, ...sending });
          if (answer.status >= 200 && answer.status < 300) return;
          throw refusedBy(answer, `failed to send ifttt notification: status ${answer.status}`);
        },
        sending,
      ),
  };
}

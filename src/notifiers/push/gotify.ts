import { exchange, jsonObject, jsonPost, refusedBy, saying, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Property, type Values } from "../url/properties.ts";
import { bool, integer, json, text } from "../url/property-types.ts";
import { escapeQuery } from "../url/query.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  priority: integer(0),
  title: text({ fallback: "Shoutrrr notification" }),
  disabletls: bool(false),
  insecureskipverify: bool(false),
  useheader: bool(false),
  date: date(),
  extras: json({ object: true }),
};

/** `gotify://host[:port][/path]/token`; an application's token of Gotify's own or of its newer, longer kind. */
export function gotifyNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { disabletls, insecureskipverify, useheader, ...shown } = readProperties(url, properties);
  const path = url.path.replace(/\/$/, "");
  const token = path.slice(path.lastIndexOf("/") + 1);
  if (!/^(A[\w.-]{14}|gtfyX\.[\w.-]{43,})$/.test(token)) throw new UrlRefused("invalid gotify token");
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  const folder = url.rawPath.replace(/\/$/, "").replace(/\/?[^/]*$/, "");
  const base = `${disabletls ? "http" : "https"}://${hostOf(url)}${folder}/message`;
  return {
    name: `gotify ${url.hostname}`,
    send: async (message, { signal }) => {
      const post = jsonPost(useheader ? base : `${base}?token=${escapeQuery(token)}`, {
        body: bodyOf(message, shown),
        headers: useheader ? { "x-gotify-key": token } : {},
      });
      // In kured, too, http switches the check off; it matters where the server answers with a redirection to https.
      const answer = await exchange({ ...post, skipTlsVerify: disabletls || insecureskipverify }, { web, signal });
      const reply = jsonObject(answer);
      if (answer.status < 400 && reply !== undefined) return;
      const why =
        reply === undefined
          ? `status ${answer.status}`
          : `${saying(reply["error"])} (${saying(reply["errorCode"])}): ${saying(reply["errorDescription"])}`;
      throw refusedBy(answer, `failed to send gotify notification: ${why}`);
    },
  };
}

function bodyOf(message: string, shown: Pick<Values<typeof properties>, "title" | "priority" | "date" | "extras">) {
  const { title, priority, date: at, extras } = shown;
  return { message, title, priority, date: unlessEmpty(at), extras };
}

/** An instant as RFC 3339 has it; without a zone it is UTC. Empty where none is given. */
function date(): Property<string> {
  return {
    aliases: [],
    fallback: "",
    parse: (written) => {
      const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:\d\d)?$/i.exec(written);
      const [, day = "", time = "", zone = "Z"] = found ?? [];
      const instant = `${day}T${time}${zone.toUpperCase()}`;
      if (Number.isNaN(Date.parse(instant))) throw new UrlRefused("not an instant such as 2026-01-31T12:00:00Z");
      return instant;
    },
  };
}

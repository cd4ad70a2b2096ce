import { exchange, jsonObject, jsonPost, refusedBy, saying } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { bool, integer, text } from "../url/property-types.ts";
import { escapeQuery } from "../url/query.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  priority: integer(0),
  title: text({ fallback: "Shoutrrr notification" }),
  disabletls: bool(false),
  insecureskipverify: bool(false),
  useheader: bool(false),
};

/** `gotify://host[:port][/path]/token`; an application's token of Gotify's own or of its newer, longer kind. */
export function gotifyNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { priority, title, disabletls, insecureskipverify, useheader } = readProperties(url, properties);
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
        body: { message, title, priority },
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

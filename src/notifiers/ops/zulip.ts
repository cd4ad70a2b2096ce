import { exchange, refusedBy } from "../exchange.ts";
import { formPost } from "../form.ts";
import { NotifyError } from "../notifier.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { stream: text({ aliases: ["to"] }), topic: text({ aliases: ["title"] }) };

const topicCharactersMax = 60;
const messageBytesMax = 10_000;

/** `zulip://bot%40example.com:key@host/?stream=ops&topic=reboots`. */
export function zulipNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { stream, topic } = readProperties(url, properties, { unknown: "ignore" });
  const { user: mail = "", password: key = "" } = url;
  if (mail === "") throw new UrlRefused("bot mail missing from config URL");
  if (key === "") throw new UrlRefused("API key missing from config URL");
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  if (Array.from(topic).length > topicCharactersMax) {
    throw new UrlRefused(`topic exceeds max length (${topicCharactersMax} characters)`);
  }
  const credentials = `${encodeURIComponent(mail)}:${encodeURIComponent(key)}`;
  const target = `https://${credentials}@${hostOf(url)}/api/v1/messages`;
  return {
    name: `zulip ${url.hostname}`,
    send: async (message, { signal }) => {
      if (Buffer.byteLength(message) > messageBytesMax) {
        throw new NotifyError(`message exceeds max size (${messageBytesMax} bytes)`, { final: true });
      }
      const fields = { type: "stream", to: stream, content: message, topic: topic === "" ? undefined : topic };
      const answer = await exchange(formPost(target, { fields }), { web, signal });
      if (answer.status !== 200) throw refusedBy(answer, `failed to send zulip message: status ${answer.status}`);
    },
  };
}

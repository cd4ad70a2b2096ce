import { exchange, refusedBy } from "../exchange.ts";
import { formPost } from "../form.ts";
import { NotifyError } from "../notifier.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { bool, choice, text } from "../url/property-types.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { strayKeys, withoutEffect } from "../url/without-effect.ts";

const properties = {
  /** `stream` and `channel` are Zulip's old and new name of the same; kured sends the old one. */
  type: choice(["stream", "channel", "direct"], { fallback: "stream" }),
  stream: text(),
  to: text(),
  topic: text(),
  title: text(),
  read_by_sender: bool(false),
};

type Settings = Values<typeof properties>;

const topicCharactersMax = 60;
const messageBytesMax = 10_000;

/** `zulip://bot%40example.com:key@host/?stream=ops&topic=reboots`, or people: `?type=direct&to=a@example.com,7`. */
export function zulipNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties, { unknown: "ignore" });
  const { user: mail = "", password: key = "" } = url;
  if (mail === "") throw new UrlRefused("bot mail missing from config URL");
  if (key === "") throw new UrlRefused("API key missing from config URL");
  if (url.hostname === "") throw new UrlRefused("host missing from config URL");
  if (Array.from(topicOf(set)).length > topicCharactersMax) {
    throw new UrlRefused(`topic exceeds max length (${topicCharactersMax} characters)`);
  }
  if (set.type === "direct" && recipientsOf(set).length === 0)
    throw new UrlRefused("recipients missing from config URL");
  const credentials = `${encodeURIComponent(mail)}:${encodeURIComponent(key)}`;
  const target = `https://${credentials}@${hostOf(url)}/api/v1/messages`;
  const direct = set.type === "direct" ? withoutEffect(url, ["topic"], "a direct message has none") : [];
  return {
    name: `zulip ${url.hostname}`,
    warnings: [...strayKeys(url, properties), ...direct],
    send: async (message, { signal }) => {
      const content = contentOf(message, set);
      if (Buffer.byteLength(content) > messageBytesMax) {
        throw new NotifyError(`message exceeds max size (${messageBytesMax} bytes)`, { final: true });
      }
      const answer = await exchange(formPost(target, { fields: fieldsOf(content, set) }), { web, signal });
      if (answer.status !== 200) throw refusedBy(answer, `failed to send zulip message: status ${answer.status}`);
    },
  };
}

function fieldsOf(content: string, set: Settings) {
  const direct = set.type === "direct";
  const topic = topicOf(set);
  return {
    type: set.type,
    to: direct ? JSON.stringify(recipientsOf(set)) : set.stream || set.to,
    content,
    topic: direct || topic === "" ? undefined : topic,
    read_by_sender: set.read_by_sender ? "true" : undefined,
  };
}

function recipientsOf({ to, stream }: Settings): readonly string[] {
  return (to || stream)
    .split(",")
    .map((who) => who.trim())
    .filter((who) => who !== "");
}

function topicOf({ type, topic, title }: Settings): string {
  return type === "direct" ? "" : topic || title;
}

/** A title that is not taken for the topic stands before the message. */
function contentOf(message: string, set: Settings): string {
  return set.title === "" || set.title === topicOf(set) ? message : `${set.title}\n${message}`;
}

import { toEveryTarget } from "../every-target.ts";
import { exchange, jsonObject, jsonPost, refusedBy, saying } from "../exchange.ts";
import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { bool, choice, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  chats: list({ aliases: ["channels"] }),
  preview: bool(true),
  notification: bool(true),
  parsemode: choice(["None", "Markdown", "HTML", "MarkdownV2"], { fallback: "None" }),
  title: text(),
};

const bytesMax = 4_096;

/** `telegram://bot-id:token@telegram?chats=@channel,123,456:thread`. */
export function telegramNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const token = `${url.user ?? ""}:${url.password ?? ""}`;
  if (!/^[0-9]+:[a-zA-Z0-9_-]+$/.test(token)) throw new UrlRefused("invalid telegram token");
  if (set.chats.length === 0) throw new UrlRefused("no channels defined in config URL");
  const target = `https://api.telegram.org/bot${token}/sendMessage`;
  return {
    name: "telegram",
    send: async (message, sending) => {
      if (new TextEncoder().encode(message).length > bytesMax)
        throw new NotifyError("Message exceeds the max length", { final: true });
      await toEveryTarget(
        set.chats,
        async (chat) => {
          const answer = await exchange(jsonPost(target, { body: bodyOf(message, { chat, set }) }), {
            web,
            ...sending,
          });
          const reply = jsonObject(answer);
          if (reply?.["ok"] === true) return;
          const why = reply === undefined ? `status ${answer.status}` : saying(reply["description"]);
          throw refusedBy(answer, `telegram refused the message: ${why}`);
        },
        sending,
      );
    },
  };
}

function bodyOf(message: string, { chat, set }: { chat: string; set: Values<typeof properties> }) {
  const plain = set.parsemode === "None";
  const html = set.parsemode === "HTML" || (plain && set.title !== "");
  const words = plain && html ? escapeHtml(message) : message;
  const [id, thread] = /^(.*):(\d+)$/.exec(chat)?.slice(1) ?? [chat, undefined];
  return {
    text: html ? `<b>${escapeHtml(set.title)}</b>\n${words}` : words,
    chat_id: id,
    message_thread_id: thread === undefined ? undefined : Number(thread),
    parse_mode: html ? "HTML" : plain ? undefined : set.parsemode,
    disable_web_page_preview: !set.preview,
    disable_notification: !set.notification,
    reply_to_message_id: 0,
  };
}

function escapeHtml(words: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&#34;",
    "'": "&#39;",
  };
  return words.replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? mark);
}

import type { WebAnswer } from "../../ports/web.ts";
import { exchange, jsonObject, jsonPost, refusedBy, saying, unlessEmpty } from "../exchange.ts";
import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import { hostOf, type ServiceUrl } from "../url/service-url.ts";
import { parseSlackToken, type SlackToken } from "./slack-token.ts";

const properties = {
  botname: text({ aliases: ["username"] }),
  icon: text({ aliases: ["icon_emoji", "icon_url"] }),
  color: text(),
  title: text(),
  thread_ts: text(),
};

/** `slack://[type:]token@channel`, or as it once was, `slack://[botname@]A/B/C`. */
export function slackNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const old = url.path.length > 1;
  const token = parseSlackToken(old ? hostOf(url) + url.path : `${url.user ?? ""}:${url.password ?? ""}`);
  const botname = old && url.user !== undefined ? url.user : set.botname;
  const channel = old ? hookChannel : url.hostname;
  return {
    name: "slack",
    send: async (message, { signal }) => {
      const body = bodyOf(message, { set: { ...set, botname }, channel });
      const answer = await exchange(requestOf(token, body), { web, signal });
      const refusal = token.kind === "hook" ? hookRefusal(answer) : apiRefusal(answer);
      if (refusal) throw refusal;
    },
  };
}

/** Stands for the channel that the web hook itself belongs to. */
const hookChannel = "webhook";
const attachmentsMax = 100;

function requestOf(token: SlackToken, body: unknown) {
  return token.kind === "hook"
    ? jsonPost(`https://hooks.slack.com/services/${token.path}`, { body })
    : jsonPost("https://slack.com/api/chat.postMessage", {
        body,
        headers: { authorization: `Bearer ${token.bearer}` },
      });
}

function bodyOf(message: string, { set, channel }: { set: Values<typeof properties>; channel: string }) {
  const lines = message.replace(/\n$/, "").split("\n");
  const last = lines.slice(attachmentsMax - 1).join("\n");
  const shown = lines.length <= attachmentsMax ? lines : [...lines.slice(0, attachmentsMax - 1), last];
  const iconKey = /https?:\/\//.test(set.icon) ? "icon_url" : "icon_emoji";
  return {
    text: set.title,
    username: unlessEmpty(set.botname),
    attachments: shown.map((line) => ({ text: line, color: unlessEmpty(set.color) })),
    thread_ts: unlessEmpty(set.thread_ts),
    channel: channel === hookChannel ? undefined : unlessEmpty(channel),
    [iconKey]: unlessEmpty(set.icon),
  };
}

/** A web hook is judged by its body; what its status says counts only without one. */
function hookRefusal(answer: WebAnswer): NotifyError | undefined {
  const { body, status } = answer;
  if (body === "ok" || (body === "" && status === 200)) return undefined;
  const why = body === "" ? `webhook status: ${status}` : `webhook response: ${saying(body)}`;
  return refusedBy(answer, `failed to send slack notification: ${why}`);
}

function apiRefusal(answer: WebAnswer): NotifyError | undefined {
  const reply = jsonObject(answer);
  if (answer.status < 400 && reply?.["ok"] === true) return undefined;
  const why = reply ? `api response: ${saying(reply["error"])}` : `status: ${answer.status}`;
  // Slack answers 200 where it refuses, and says in words whether it was too much.
  const final = reply !== undefined && reply["error"] !== "ratelimited" && answer.status < 500;
  const { retryAfterMs } = refusedBy(answer, why);
  return new NotifyError(`failed to send slack notification: ${why}`, {
    final,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

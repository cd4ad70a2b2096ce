import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";
import { adaptiveCard } from "./teams.cases.ts";

const text = "Draining node node-1";
const group = "11111111-4444-4444-8444-cccccccccccc";
const tenant = "22222222-4444-4444-8444-cccccccccccc";
const altId = "33333333012222222222333333333344";
const owner = "44444444-4444-4444-8444-cccccccccccc";
const card = {
  "@type": "MessageCard",
  "@context": "http://schema.org/extensions",
  markdown: true,
  summary: "Draining node node-1",
  sections: [{ text, startGroup: false }],
};
const workflow = "https://prod-1.westeurope.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=s%2Bx";
const discord = "https://discord.com/api/webhooks/123/tOk-en";
const telegram = "https://api.telegram.org/bot1:a_B-c/sendMessage";
const told = { disable_web_page_preview: false, disable_notification: false, reply_to_message_id: 0 };
const embed = { description: text, color: 5_298_687 };

/** What chats other than Slack are sent. */
export const chatCases: readonly ExchangeCase[] = [
  {
    says: "teams: a connector is sent a card",
    url: `teams://${group}@${tenant}/${altId}/${owner}?host=org.webhook.office.com`,
    sends: [
      {
        url: `https://org.webhook.office.com/webhookb2/${group}@${tenant}/IncomingWebhook/${altId}/${owner}`,
        headers: { "content-type": "application/json" },
        body: card,
      },
    ],
  },
  {
    says: "teams: the oldest way of writing it goes to the oldest host",
    url: `teams://${group}@${tenant}:${altId}@${owner}`,
    sends: [
      { url: `https://outlook.office.com/webhook/${group}@${tenant}/IncomingWebhook/${altId}/${owner}`, body: card },
    ],
  },
  {
    says: "teams: a connector's own URL, and a long title cut for the summary; 202 is not what it answers",
    url: `teams+https://o.webhook.office.com/webhookb2/${group}@${tenant}/IncomingWebhook/${altId}/${owner}?title=A+title+that+is+much+too+long`,
    message: "a\nb",
    replies: [{ status: 202 }],
    sends: [
      {
        url: `https://o.webhook.office.com/webhookb2/${group}@${tenant}/IncomingWebhook/${altId}/${owner}`,
        body: {
          "@type": "MessageCard",
          "@context": "http://schema.org/extensions",
          markdown: true,
          title: "A title that is much too long",
          summary: "A title that is much ",
          sections: [
            { text: "a", startGroup: false },
            { text: "b", startGroup: false },
          ],
        },
      },
    ],
    fails: /^failed to send notification to teams, response status code 202$/,
  },
  {
    says: "teams: a workflow is sent an adaptive card",
    url: `teams://?host=${encodeURIComponent(workflow)}&surplus=1`,
    replies: [{ status: 202 }],
    sends: [{ url: workflow, body: adaptiveCard({ text, wrap: true }) }],
    warns: ["surplus has no effect: the service does not know it"],
  },
  {
    says: "a workflow's URL as Teams shows it",
    url: workflow,
    replies: [{ status: 202 }],
    sends: [{ url: workflow, body: adaptiveCard({ text, wrap: true }) }],
  },
  {
    says: "discord: an embed for each line that is not empty",
    url: "discord://tOk-en@123?username=kured&title=T&COLOR=0xff&avatarurl=https://a/b",
    message: "one\n\ntwo",
    replies: [{ status: 204 }],
    sends: [
      {
        url: discord,
        body: {
          embeds: [
            { title: "T", description: "one", color: 255 },
            { description: "two", color: 255 },
          ],
          username: "kured",
          avatar_url: "https://a/b",
        },
      },
    ],
  },
  {
    says: "discord: eleven lines are two requests",
    url: "discord://tOk-en@123",
    message: Array.from({ length: 11 }, () => text).join("\n"),
    replies: [{ status: 204 }],
    sends: [
      { url: discord, body: { embeds: Array.from({ length: 10 }, () => embed) } },
      { url: discord, body: { embeds: [embed] } },
    ],
  },
  {
    says: "discord: unsplit lines are one embed",
    url: "discord://tOk-en@123?splitLines=no",
    message: "one\ntwo",
    replies: [{ status: 204 }],
    sends: [{ url: discord, body: { embeds: [{ description: "one\ntwo", color: 5_298_687 }] } }],
  },
  {
    says: "discord: raw is the message itself; too many requests are tried again",
    url: "discord://tOk-en@123/raw",
    message: '{"content":"x"}',
    replies: [{ status: 429, headers: { "retry-after": "2" } }],
    sends: [{ url: discord, body: '{"content":"x"}' }],
    fails: /^failed to send discord notification: response status code 429$/,
    final: false,
  },
  {
    says: "discord: a web hook's URL as Discord shows it",
    url: "https://discord.com/api/webhooks/123/tOk-en",
    replies: [{ status: 204 }],
    sends: [{ url: discord, body: { embeds: [embed] } }],
  },
  {
    says: "telegram: every chat is told, each by its own request",
    url: "telegram://1:a_B-c@telegram?chats=@ops,-100:7",
    replies: [{ body: '{"ok":true}' }],
    sends: [
      { url: telegram, body: { text, chat_id: "@ops", ...told } },
      { url: telegram, body: { text, chat_id: "-100", message_thread_id: 7, ...told } },
    ],
  },
  {
    says: "telegram: a title makes HTML of it, and a refusal is told in Telegram's words",
    url: "telegram://1:a_B-c@telegram?channels=5&title=T%26&preview=no&notification=no",
    message: "<b>",
    replies: [{ status: 400, body: '{"ok":false,"description":"Bad Request: chat not found"}' }],
    sends: [
      {
        url: telegram,
        body: {
          text: "<b>T&amp;</b>\n&lt;b&gt;",
          chat_id: "5",
          parse_mode: "HTML",
          disable_web_page_preview: true,
          disable_notification: true,
          reply_to_message_id: 0,
        },
      },
    ],
    fails: /Bad Request: chat not found$/,
    final: true,
  },
  {
    says: "mattermost: name, channel and port",
    url: "mattermost://kured@chat.example.com:8065/tok/ops?icon=:boat:",
    sends: [
      {
        url: "https://chat.example.com:8065/hooks/tok",
        body: { text, username: "kured", channel: "ops", icon_emoji: ":boat:" },
      },
    ],
  },
  ...["ops", "#ops"].map((channel) => ({
    says: `rocketchat: the channel as ${channel}`,
    url: `rocketchat://kured@chat.example.com:8443/A/B/${channel}`,
    sends: [{ url: "https://chat.example.com:8443/hooks/A/B", body: { text, username: "kured", channel: "#ops" } }],
  })),
  {
    says: "rocketchat: a person, and a refusal with its words",
    url: "rocketchat://chat.example.com/A/B/@jane?whatever=1",
    replies: [{ status: 400, body: "no" }],
    sends: [{ url: "https://chat.example.com/hooks/A/B", body: { text, channel: "@jane" } }],
    warns: ["whatever has no effect: the service does not know it"],
    fails: /^notification failed: 400 no$/,
  },
  ...["googlechat", "hangouts"].map((scheme) => ({
    says: `${scheme}: key and token, and nothing else, are passed on`,
    url: `${scheme}://chat.googleapis.com/v1/spaces/FOO/messages?key=K&token=T&other=1`,
    sends: [{ url: "https://chat.googleapis.com/v1/spaces/FOO/messages?key=K&token=T", body: { text } }],
    warns: ["other has no effect: the service does not know it"],
  })),
];

/** What is no URL for them. */
export const chatRefusals: readonly RefusedCase[] = [
  { url: `teams://x@${tenant}/${altId}/${owner}`, refused: /^invalid URL format: first token part is invalid$/ },
  { url: `teams://${group}@x/${altId}/${owner}`, refused: /: second token/ },
  { url: `teams://${group}@${tenant}/x/${owner}`, refused: /: third token/ },
  { url: `teams://${group}@${tenant}/${altId}`, refused: /: forth token/ },
  { url: "teams+https://o.webhook.office.com/webhookb2/x", refused: /^invalid URL format$/ },
  { url: "teams://?host=https%3A%2F%2Fevil.example.com%2Fworkflows%2F", refused: /not the URL of a Teams workflow$/ },
  { url: "discord://tok@123/other", refused: /^illegal argument in config URL$/ },
  { url: "discord://tok@", refused: /^webhook ID missing/ },
  { url: "discord://123", refused: /^token missing/ },
  { url: "discord://tok@123?color=50D9ff", refused: /^invalid value for color: not an integer$/ },
  { url: "discord://tok@123?json=maybe", refused: /accepted values are 1, true, yes or 0, false, no$/ },
  { url: "telegram://secret@telegram?chats=1", refused: /^invalid telegram token$/ },
  { url: "telegram://1:a@telegram", refused: /^no channels defined in config URL$/ },
  { url: "telegram://1:a@telegram?chats=1&parsemode=x", refused: /not a one of None, Markdown, HTML, MarkdownV2$/ },
  { url: "mattermost://host", refused: /^the apiURL does not include enough arguments, either/ },
  { url: "rocketchat://host/token", refused: /^the apiURL does not include enough arguments$/ },
  { url: "googlechat://chat.googleapis.com/v1/spaces/FOO/messages?token=T", refused: /^missing field 'key'$/ },
];

import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const text = "Draining node node-1";
const told = { disable_web_page_preview: false, disable_notification: false, reply_to_message_id: 0 };
const telegram = "https://api.telegram.org/bot1:a/sendMessage";
const mattermost = "https://chat.example.com/hooks/tok";
const levels = "messages have no level";

/** What chats are sent by the rarer words of a URL; the usual ones are in `chats.cases.ts` and beside it. */
export const moreChatCases: readonly ExchangeCase[] = [
  {
    says: "telegram: in a mode of one's own the text is left as it is, and HTML always has its heading",
    url: "telegram://1:a@telegram?chats=5&parsemode=html",
    message: "<i>now</i>",
    replies: [{ body: '{"ok":true}' }],
    sends: [{ url: telegram, body: { text: "<b></b>\n<i>now</i>", chat_id: "5", parse_mode: "HTML", ...told } }],
  },
  {
    says: "telegram: Markdown takes no title",
    url: "telegram://1:a@elsewhere?chats=5&parsemode=MarkdownV2",
    message: "*now*",
    replies: [{ body: '{"ok":true}' }],
    sends: [{ url: telegram, body: { text: "*now*", chat_id: "5", parse_mode: "MarkdownV2", ...told } }],
  },
  {
    says: "telegram: an answer that is no JSON is a failure, and worth another try",
    url: "telegram://1:a@telegram?chats=5",
    replies: [{ status: 502, body: "<html>bad gateway</html>" }],
    sends: [{ url: telegram, body: { text, chat_id: "5", ...told } }],
    fails: /^telegram refused the message: status 502$/,
    final: false,
  },
  {
    says: "telegram: a message that is too long is not sent at all",
    url: "telegram://1:a@telegram?chats=5",
    message: "ö".repeat(2_049),
    sends: [],
    fails: /^Message exceeds the max length$/,
    final: true,
  },
  {
    says: "telegram: of a repeated key the first counts, and it is said",
    url: "telegram://1:a@telegram?chats=5&CHATS=6#top",
    replies: [{ body: '{"ok":true}' }],
    sends: [{ url: telegram, body: { text, chat_id: "5", ...told } }],
    warns: [
      "chats is there more than once: only the first has an effect",
      "what is behind # has no effect: write %23 where it is meant",
    ],
  },
  {
    says: "mattermost: only the token; a picture by its address; a title before the message; without TLS",
    url: "mattermost://chat.example.com/tok?icon_url=https://example.com/i.png&title=Node&disabletls=yes",
    sends: [
      {
        url: "http://chat.example.com/hooks/tok",
        headers: { "content-type": "application/json" },
        body: { text: `Node\n${text}`, icon_url: "https://example.com/i.png" },
      },
    ],
  },
  {
    says: "mattermost: 201 is no success",
    url: "mattermost://chat.example.com/tok",
    replies: [{ status: 201 }],
    sends: [{ url: mattermost, body: { text } }],
    fails: /^mattermost answered 201$/,
  },
  {
    says: "rocketchat: without a channel the web hook's own is meant",
    url: "rocketchat://chat.example.com/A/B",
    sends: [{ url: "https://chat.example.com/hooks/A/B", body: { text } }],
  },
  {
    says: "googlechat: a refusal is told without key and token",
    url: "googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=K&token=T",
    replies: [{ status: 403, body: "K T" }],
    sends: [{ url: "https://chat.googleapis.com/v1/spaces/FOO/messages?key=K&token=T", body: { text } }],
    fails: /^Google Chat answered 403$/,
    final: true,
  },
  {
    says: "discord: an overlong line is cut, and colours of levels have no effect",
    url: "discord://token@123?color=%23ff&colorError=0x1&colorWarn=0x2&colorInfo=0x3&colorDebug=0x4",
    message: "ö".repeat(2_001),
    sends: [
      {
        url: "https://discord.com/api/webhooks/123/token",
        body: { embeds: [{ description: `${"ö".repeat(1_994)} [...]`, color: 255 }] },
      },
    ],
    warns: ["colorerror", "colorwarn", "colorinfo", "colordebug"].map((key) => `${key} has no effect: ${levels}`),
  },
  {
    says: "discord: unsplit text is cut at a space near the end, into a thread",
    url: "discord://token@123?split=no&thread_id=7",
    message: `${"a".repeat(1_950)} ${"b".repeat(100)}`,
    replies: [{ status: 204 }],
    sends: [
      {
        url: "https://discord.com/api/webhooks/123/token?thread_id=7",
        body: {
          embeds: [
            { description: "a".repeat(1_950), color: 5_298_687 },
            { description: "b".repeat(100), color: 5_298_687 },
          ],
        },
      },
    ],
  },
  {
    says: "discord: more than six thousand characters are two requests",
    url: "discord://token@123?splitlines=no",
    message: "a".repeat(6_001),
    replies: [{ status: 204 }],
    sends: [["a".repeat(2_000), "a".repeat(2_000), "a".repeat(2_000)], ["a"]].map((texts) => ({
      url: "https://discord.com/api/webhooks/123/token",
      body: { embeds: texts.map((description) => ({ description, color: 5_298_687 })) },
    })),
  },
  {
    says: "discord: with json the message itself is sent, so nothing else of the URL can be",
    url: "discord://token@123?json=yes&title=T",
    message: '{"content":"x"}',
    replies: [{ status: 204 }],
    sends: [{ url: "https://discord.com/api/webhooks/123/token", body: '{"content":"x"}' }],
    warns: ["title has no effect: the message itself is what is sent"],
  },
  {
    says: "discord: an empty message is not sent",
    url: "discord://token@123",
    message: " ",
    sends: [],
    fails: /must not be empty$/,
    final: true,
  },
];

/** What is no URL for them. */
export const moreChatRefusals: readonly RefusedCase[] = [
  { url: "telegram://1:a%20b@telegram?chats=5", refused: /^invalid telegram token$/ },
  { url: "telegram://1:a@telegram?chats=5&colour=red", refused: /^colour is not a valid config key \[chats channels / },
  { url: "mattermost://host/tok?colour=red", refused: /^colour is not a valid config key / },
  { url: "googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=K", refused: /^missing field 'token'$/ },
  { url: "discord://tok@123?colour=red", refused: /^colour is not a valid config key / },
  { url: "discord://tok@123?color=0x1000000", refused: /^invalid value for color: not between 0 and 16777215$/ },
];

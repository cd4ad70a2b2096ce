import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const token = "AAAAAAAAA-BBBBBBBBB-123456789123456789123456";
const hook = "https://hooks.slack.com/services/AAAAAAAAA/BBBBBBBBB/123456789123456789123456";
const ok = [{ body: "ok" }];
const json = { "content-type": "application/json" };

/** What Slack is sent. */
export const slackCases: readonly ExchangeCase[] = [
  {
    says: "slack: what kured makes of --slack-hook-url goes to the web hook's own channel",
    url: "slack://AAAAAAAAA/BBBBBBBBB/123456789123456789123456",
    replies: ok,
    sends: [{ url: hook, headers: json, body: { text: "", attachments: [{ text: "Draining node node-1" }] } }],
  },
  ...["slack://testbot@AAAAAAAAA/BBBBBBBBB/123456789123456789123456?color=3f00fe&title=Test+title"]
    .concat(
      `slack://hook:${token}@webhook?botname=testbot&color=3f00fe&title=Test+title`,
      `slack://${token}@webhook?USERNAME=testbot&color=3f00fe&title=Test+title`,
    )
    .map((url) => ({
      says: `slack: ${url} is the same in every way of writing it`,
      url,
      message: "one\ntwo <&>\n",
      replies: ok,
      sends: [
        {
          url: hook,
          body: {
            text: "Test title",
            username: "testbot",
            attachments: [
              { text: "one", color: "3f00fe" },
              { text: "two <&>", color: "3f00fe" },
            ],
          },
        },
      ],
    })),
  {
    says: "slack: a bot's token calls the API, and the channel keeps its case",
    url: `slack://xoxb:${token}@C001CHANNEL?icon=https://example.com/i.png&thread_ts=1.2`,
    replies: [{ body: '{"ok":true}' }],
    sends: [
      {
        url: "https://slack.com/api/chat.postMessage",
        headers: { authorization: `Bearer xoxb-${token}` },
        body: {
          text: "",
          attachments: [{ text: "Draining node node-1" }],
          thread_ts: "1.2",
          channel: "C001CHANNEL",
          icon_url: "https://example.com/i.png",
        },
      },
    ],
  },
  {
    says: "slack: the hundredth attachment takes the rest",
    url: `slack://hook:${token}@webhook`,
    message: Array.from({ length: 102 }, (_, at) => String(at)).join("\n"),
    replies: ok,
    sends: [
      {
        url: hook,
        body: {
          text: "",
          attachments: [...Array.from({ length: 99 }, (_, at) => ({ text: String(at) })), { text: "99\n100\n101" }],
        },
      },
    ],
  },
  {
    says: "slack: a web hook's refusal is told in Slack's words and not tried again",
    url: "slack://AAAAAAAAA/BBBBBBBBB/123456789123456789123456",
    message: "x",
    replies: [{ status: 404, body: "no_service" }],
    sends: [{ url: hook, body: { text: "", attachments: [{ text: "x" }] } }],
    fails: /^failed to send slack notification: webhook response: no_service$/,
    final: true,
  },
  ...[{ status: 200 }, { status: 500, body: "ok" }].map((reply) => ({
    says: `slack: a web hook that answers ${JSON.stringify(reply)} has taken the message`,
    url: `slack://${token.replaceAll("-", ",")}@webhook?icon_emoji=:boat:`,
    message: "x",
    replies: [reply],
    sends: [{ url: hook, body: { text: "", attachments: [{ text: "x" }], icon_emoji: ":boat:" } }],
  })),
  {
    says: "slack: a web hook without a word is judged by its status",
    url: `slack://hook:${token}@ops`,
    message: "x",
    replies: [{ status: 500 }],
    sends: [{ url: hook, body: { text: "", attachments: [{ text: "x" }], channel: "ops" } }],
    fails: /^failed to send slack notification: webhook status: 500$/,
    final: false,
  },
  {
    says: "slack: a user's token, and an API that says yes with a status that says no",
    url: `SLACK://xoxp:${token}@C001CHANNEL`,
    message: "x",
    replies: [{ status: 500, body: '{"ok":true}' }],
    sends: [
      {
        url: "https://slack.com/api/chat.postMessage",
        headers: { authorization: `Bearer xoxp-${token}` },
        body: { text: "", attachments: [{ text: "x" }], channel: "C001CHANNEL" },
      },
    ],
    fails: /^failed to send slack notification: /,
    final: false,
  },
  {
    says: "slack: an API that refuses with 200 is not asked again",
    url: `slack://xoxb:${token}@C001CHANNEL`,
    message: "x",
    replies: [{ body: '{"ok":false,"error":"channel_not_found"}' }],
    sends: [
      {
        url: "https://slack.com/api/chat.postMessage",
        body: { text: "", attachments: [{ text: "x" }], channel: "C001CHANNEL" },
      },
    ],
    fails: /^failed to send slack notification: api response: channel_not_found$/,
    final: true,
  },
  {
    says: "slack: an API that is asked too often is asked again",
    url: `slack://xoxb:${token}@C001CHANNEL`,
    message: "x",
    replies: [{ status: 429, headers: { "retry-after": "3" }, body: '{"ok":false,"error":"ratelimited"}' }],
    sends: [
      {
        url: "https://slack.com/api/chat.postMessage",
        body: { text: "", attachments: [{ text: "x" }], channel: "C001CHANNEL" },
      },
    ],
    fails: /api response: ratelimited$/,
    final: false,
  },
];

/** What is no URL for Slack. */
export const slackRefusals: readonly RefusedCase[] = [
  { url: "slack://AAAAAAAA/BBBBBBBBB/123456789123456789123456", refused: /^invalid slack token format$/ },
  { url: "slack://AAAAAAAAA/BBBBBBBBB/12345678912345678912345", refused: /^invalid slack token format$/ },
  { url: "slack://aaaaaaaaa/bbbbbbbbb/123456789123456789123456", refused: /^invalid slack token format$/ },
  { url: "slack://AAAAAAAAA-BBBBBBBBB,123456789123456789123456@webhook", refused: /^invalid webhook token format$/ },
  { url: `slack://hook:${token}@webhook?colour=red`, refused: /^colour is not a valid config key \[botname username / },
  { url: "slack://a%zzb@webhook", refused: /^invalid URL escape in its user$/ },
  { url: "slack://a:b@webhook:port", refused: /^invalid port after host$/ },
  { url: "slack://a\u0000@webhook", refused: /^invalid control character in URL$/ },
];

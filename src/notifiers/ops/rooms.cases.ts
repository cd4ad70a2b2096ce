import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const basic = `Basic ${btoa("bot@example.com:key")}`;
const lark = "https://open.larksuite.com/open-apis/bot/v2/hook/token";
const text = "Draining node node-1";

/** What rooms of a team are sent; Matrix, which needs several requests, has a test of its own. */
export const roomCases: readonly ExchangeCase[] = [
  {
    says: "logger: accepts everything and sends nothing",
    url: "logger://",
    sends: [],
    warns: ["nobody is told: this service throws every message away"],
  },
  {
    says: "zulip: a form to the stream, with the bot's credentials",
    url: "zulip://bot%40example.com:key@chat.example.com:8443/?stream=ops&topic=re+boots&colour=ignored",
    sends: [
      {
        url: "https://chat.example.com:8443/api/v1/messages",
        headers: { ...form, authorization: basic },
        body: "content=Draining+node+node-1&to=ops&topic=re+boots&type=stream",
      },
    ],
    warns: ["colour has no effect: the service does not know it"],
  },
  {
    says: "zulip: a message that is too long is not sent at all",
    url: "zulip://bot%40example.com:key@chat.example.com/?stream=ops",
    message: "ö".repeat(5_001),
    sends: [],
    fails: /^message exceeds max size \(10000 bytes\)$/,
    final: true,
  },
  {
    says: "zulip: anything but 200 is a refusal",
    url: "zulip://bot%40example.com:key@chat.example.com/?stream=ops",
    message: "x",
    replies: [{ status: 201 }],
    sends: [{ url: "https://chat.example.com/api/v1/messages", body: "content=x&to=ops&type=stream" }],
    fails: /^failed to send zulip message: status 201$/,
  },
  {
    says: "wecom: the people who are mentioned",
    url: "wecom://key?mentioned_list=a,@all&mentioned_mobile_list=123",
    replies: [{ body: '{"errcode":0,"errmsg":"ok"}' }],
    sends: [
      {
        url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key",
        headers: json,
        body: {
          msgtype: "text",
          text: { content: text, mentioned_list: ["a", "@all"], mentioned_mobile_list: ["123"] },
        },
      },
    ],
  },
  {
    says: "wecom: 200 is no success where the body says otherwise",
    url: "wecom://key",
    replies: [{ body: '{"errcode":93000,"errmsg":"invalid webhook url"}' }],
    sends: [
      {
        url: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=key",
        body: { msgtype: "text", text: { content: text } },
      },
    ],
    fails: /^failed to send wecom notification: invalid webhook url \(93000\)$/,
  },
  {
    says: "lark: text where there is no title",
    url: "lark://open.larksuite.com/token",
    replies: [{ body: '{"code":0}' }],
    sends: [{ url: lark, headers: json, body: { msg_type: "text", content: { text } } }],
  },
  {
    says: "lark: a post with its link where there is a title; 200 is no success where the body says otherwise",
    url: "lark://open.larksuite.com/token?title=Node&link=https://example.com",
    replies: [{ body: '{"code":19021,"msg":"sign match fail"}' }],
    sends: [
      {
        url: lark,
        body: {
          msg_type: "post",
          content: {
            post: {
              en_us: {
                title: "Node",
                content: [
                  [
                    { tag: "text", text },
                    { tag: "a", text: "Link", href: "https://example.com" },
                  ],
                ],
              },
            },
          },
        },
      },
    ],
    fails: /^failed to send lark notification: sign match fail \(19021\)$/,
  },
];

/** What is no URL for them. */
export const roomRefusals: readonly RefusedCase[] = [
  { url: "zulip://:key@chat.example.com/?stream=ops", refused: /^bot mail missing from config URL$/ },
  { url: "zulip://bot%40example.com@chat.example.com/", refused: /^API key missing from config URL$/ },
  { url: "zulip://b:k@/?stream=ops", refused: /^host missing from config URL$/ },
  { url: `zulip://b:k@h/?topic=${"t".repeat(61)}`, refused: /^topic exceeds max length \(60 characters\)$/ },
  { url: "wecom://", refused: /^key missing from config URL$/ },
  { url: "lark://example.com/token", refused: /^invalid host: must be open.larksuite.com or open.feishu.cn$/ },
  { url: "lark://open.feishu.cn/", refused: /^token missing from config URL$/ },
  { url: "matrix://:token@/", refused: /^host missing from config URL$/ },
  { url: "matrix://user@matrix.example.com", refused: /^password or access token missing from config URL$/ },
  { url: "matrix://:t@h/?colour=red", refused: /^colour is not a valid config key / },
];

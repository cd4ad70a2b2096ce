import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const text = "Draining node node-1";
const zulip = "https://chat.example.com/api/v1/messages";
const bot = "zulip://bot%40example.com:key@chat.example.com";

/** What a team's tools are sent by the rarer words of a URL. */
export const opsFieldCases: readonly ExchangeCase[] = [
  {
    says: "zulip: people instead of a channel, who get no topic",
    url: `${bot}/?type=direct&to=a@example.com,%207&topic=t&read_by_sender=yes`,
    message: "x",
    sends: [{ url: zulip, body: "content=x&read_by_sender=true&to=%5B%22a%40example.com%22%2C%227%22%5D&type=direct" }],
    warns: ["topic has no effect: a direct message has none"],
  },
  {
    says: "zulip: a title is the topic where there is none",
    url: `${bot}/?type=channel&to=ops&title=Node`,
    message: "x",
    sends: [{ url: zulip, body: "content=x&to=ops&topic=Node&type=channel" }],
  },
  {
    says: "zulip: a title beside a topic stands before the message",
    url: `${bot}/?stream=ops&topic=re&title=Node`,
    message: "x",
    sends: [{ url: zulip, body: "content=Node%0Ax&to=ops&topic=re&type=stream" }],
  },
  {
    says: "lark: a link without a title has no effect, and that is said",
    url: "lark://open.feishu.cn/token?link=https://example.com",
    replies: [{ body: '{"code":0}' }],
    sends: [
      {
        url: "https://open.feishu.cn/open-apis/bot/v2/hook/token",
        body: { msg_type: "text", content: { text } },
      },
    ],
    warns: ["link has no effect: only a message with a title has one"],
  },
  ...["lark://open.larksuite.com/token", "wecom://key"].map((url) => ({
    says: `${url}: a message that is too long is not sent at all`,
    url,
    message: "ö".repeat(2_049),
    sends: [],
    fails: /^message exceeds max size \(4096 bytes\)$/,
    final: true,
  })),
  {
    says: "opsgenie: a title keeps even a short message for the description",
    url: "opsgenie://api.opsgenie.com:443/apikey?title=Node&TAGS=",
    sends: [{ url: "https://api.opsgenie.com/v2/alerts", body: { message: "Node", description: text, tags: [""] } }],
  },
  {
    says: "ifttt: a title that is put nowhere, and a value under it, have no effect",
    url: "ifttt://key/?events=e&title=T&messagevalue=1",
    sends: [{ url: "https://maker.ifttt.com/trigger/e/with/key/key", body: { value1: text, value2: "", value3: "" } }],
    warns: ["title has no effect: titlevalue does not say where to"],
  },
  {
    says: "ifttt: a value where the title goes has no effect",
    url: "ifttt://key/?events=e&title=T&titlevalue=1&value1=lost",
    sends: [{ url: "https://maker.ifttt.com/trigger/e/with/key/key", body: { value1: "T", value2: text, value3: "" } }],
    warns: ["value1 has no effect: the title stands there"],
  },
];

/** What is no URL for them. */
export const opsFieldRefusals: readonly RefusedCase[] = [
  { url: `${bot}/?type=direct`, refused: /^recipients missing from config URL$/ },
  { url: `${bot}/?type=letter`, refused: /^invalid value for type: not a one of stream, channel, direct$/ },
  { url: "zulip://bot%40example.com:key@/", refused: /^host missing from config URL$/ },
  { url: "lark://open.feishu.cn/t?color=1", refused: /^color is not a valid config key \[secret title link\]$/ },
  { url: "wecom://key?color=1", refused: /^color is not a valid config key / },
  { url: "ifttt://key?events=e&color=1", refused: /^color is not a valid config key / },
  { url: "ifttt://key?events=e&titlevalue=4", refused: /^invalid value for titlevalue: not between 0 and 3$/ },
  { url: `pagerduty:///${"0".repeat(32)}?action=wait`, refused: /^invalid value for action: not a one of trigger, / },
  { url: `pagerduty:///${"0".repeat(32)}?color=1`, refused: /^color is not a valid config key / },
];

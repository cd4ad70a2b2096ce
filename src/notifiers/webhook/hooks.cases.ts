import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const text = "Draining node node-1";

/** What receivers are sent that nobody knows by name. */
export const hookCases: readonly ExchangeCase[] = [
  {
    says: "generic: without a template the message itself, and the receiver's own query is passed on",
    url: "generic://user:p%40ss@host.example.com:8443/hook?b=2&a=1&@acceptLanguage=de",
    sends: [
      {
        url: "https://host.example.com:8443/hook?a=1&b=2",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "accept-language": "de",
          authorization: `Basic ${Buffer.from("user:p@ss").toString("base64")}`,
        },
        body: text,
      },
    ],
  },
  {
    says: "generic: as JSON, with fields of the user's own, sorted",
    url: "generic://host.example.com/hook?template=JSON&messagekey=text&$zone=b&$area=a&disabletls=yes&method=put&__title=x",
    sends: [{ method: "PUT", url: "http://host.example.com/hook?title=x", body: { area: "a", text, zone: "b" } }],
  },
  {
    says: "generic: a GET brings the message as its body, as in kured",
    url: "generic://host.example.com/hook?method=get&contenttype=text/plain&disabletls=1",
    sends: [
      { method: "GET", url: "http://host.example.com/hook", headers: { "content-type": "text/plain" }, body: text },
    ],
  },
  {
    says: "generic: its own keys are written in small letters, and others go along",
    url: "generic://host.example.com/hook?Template=json&METHOD=put",
    sends: [{ url: "https://host.example.com/hook?METHOD=put&Template=json", body: text }],
  },
  {
    says: "JSON is written as Go writes it",
    url: "https://host.example.com/hook",
    message: 'Node "a" <b> & c\u2028\u00fc\n',
    sends: [
      {
        url: "https://host.example.com/hook",
        body: '{"text":"Node \\"a\\" \\u003cb\\u003e \\u0026 c\\u2028\u00fc\\n"}',
      },
    ],
  },
  {
    says: "generic: what has no effect is said",
    url: "generic://host.example.com/hook?title=T&titlekey=t&messagekey=m&$zone=b&x=a%zzb&y=1;2#top",
    replies: [{ status: 299 }],
    sends: [{ url: "https://host.example.com/hook", body: text }],
    warns: [
      "title has no effect: messages have no title",
      "titlekey has no effect: messages have no title",
      "messagekey has no effect: without a template the message is sent as it is",
      "$ keys have no effect: without a template there are no fields",
      "a part of the query has no effect: write ; as %3B and % as %25",
      "what is behind # has no effect: write %23 where it is meant",
    ],
  },
  {
    says: "generic: words that begin with @ and $ are ours in the custom form too",
    url: "generic+https://me@host.example.com/hook?@xToken=s&$zone=b&method=PUT",
    sends: [
      {
        url: "https://host.example.com/hook?method=PUT",
        headers: { "x-token": "s", authorization: `Basic ${btoa("me:")}` },
        body: text,
      },
    ],
    warns: ["$ keys have no effect: without a template there are no fields"],
  },
  {
    says: "generic: in the custom form every word of the query is the receiver's",
    url: "generic+https://host.example.com/webhook?title=x&template=y",
    replies: [{ status: 302 }],
    sends: [{ url: "https://host.example.com/webhook?template=y&title=x", body: text }],
    fails: /generic webhook: server returned response status code 302$/,
  },
  {
    says: "generic: the custom form without TLS",
    url: "generic+http://host.example.com:8080/hook",
    sends: [{ url: "http://host.example.com:8080/hook", body: text }],
  },
  {
    says: "a plain URL of a receiver that nobody knows is sent a text",
    url: "https://host.example.com/a/b?key=K%2F1",
    replies: [{ status: 500 }],
    sends: [
      {
        url: "https://host.example.com/a/b?key=K%2F1",
        headers: { "content-type": "application/json" },
        body: { text },
      },
    ],
    fails: /^web hook host\.example\.com answered 500$/,
    final: false,
  },
  {
    says: "what looks like Slack's web hook and is none is posted to as to anybody, and it is said",
    url: "https://hooks.slack.com/services/A/B",
    sends: [{ url: "https://hooks.slack.com/services/A/B", body: { text } }],
    warns: ["not one of Slack's web hooks, so it is posted as plain JSON: unexpected number of / in URL"],
  },
  {
    says: "Discord's own imitation of Slack is posted to as to Slack's imitators",
    url: "https://discord.com/api/webhooks/123/tOk-en/slack",
    sends: [{ url: "https://discord.com/api/webhooks/123/tOk-en/slack", body: { text } }],
  },
  {
    says: "Slack's web hook as Slack shows it",
    url: "https://hooks.slack.com/services/AAAAAAAAA/BBBBBBBBB/123456789123456789123456",
    replies: [{ body: "ok" }],
    sends: [
      {
        url: "https://hooks.slack.com/services/AAAAAAAAA/BBBBBBBBB/123456789123456789123456",
        body: { text: "", attachments: [{ text }] },
      },
    ],
  },
];

/** What is no URL for them. */
export const hookRefusals: readonly RefusedCase[] = [
  { url: "generic://host/?template=x", refused: /^template has not been loaded$/ },
  { url: "generic://host/?method=TRACE", refused: /^invalid value for method: not a one of POST, / },
  { url: "generic://host/?@=x", refused: /^a header's name is not one$/ },
  { url: "generic:///path", refused: /^host missing from config URL$/ },
  { url: "generic://host/?disabletls=perhaps", refused: /accepted values/ },
];

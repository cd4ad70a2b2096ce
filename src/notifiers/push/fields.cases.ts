import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const text = "Draining node node-1";
const token = "Aaa.bbb.ccc.ddd";
const long = `gtfyX.${"a".repeat(43)}`;
const gotify = { message: text, title: "Shoutrrr notification", priority: 0 };

/** What devices are sent by the rarer words of a URL. */
export const fieldCases: readonly ExchangeCase[] = [
  {
    says: "gotify: an instant, and fields of the server's own",
    url: `gotify://h/${token}?date=2026-01-31T12:00:00%2B01:00&extras=%7B%22client::display%22:%7B%22contentType%22:%22text/markdown%22%7D%7D&priority=-2`,
    replies: [{ body: "{}" }],
    sends: [
      {
        url: `https://h/message?token=${token}`,
        body: {
          ...gotify,
          priority: -2,
          date: "2026-01-31T12:00:00+01:00",
          extras: { "client::display": { contentType: "text/markdown" } },
        },
      },
    ],
  },
  {
    says: "gotify: a token of the longer kind; an instant without a zone is UTC",
    url: `gotify://h/${long}?date=2026-01-31%2012:00:00&insecureskipverify=yes`,
    replies: [{ body: "{}" }],
    sends: [{ url: `https://h/message?token=${long}`, body: { ...gotify, date: "2026-01-31T12:00:00Z" } }],
  },
  {
    says: "ntfy: a user without a password, Markdown, a file and a mail; without TLS",
    url: "ntfy://me@h/t?markdown=yes&attach=https://a/b&filename=b&email=me@example.com&at=9am&disabletls=yes&priority=MIN&disabletlsverification=yes",
    replies: [{ body: "{}" }],
    sends: [
      {
        url: "http://h/t",
        headers: {
          authorization: `Basic ${btoa("me:")}`,
          "content-type": "text/markdown",
          attach: "https://a/b",
          filename: "b",
          email: "me@example.com",
          delay: "9am",
          priority: "Min",
          "user-agent": "kured/test",
        },
        body: text,
      },
    ],
  },
  ...Object.entries({ "1": "Min", "2": "Low", "3": "Default", "4": "High", "5": "Max", max: "Max" }).map(
    ([priority, header]) => ({
      says: `ntfy: priority ${priority} is ${header}`,
      url: `ntfy://user:p%40ss@h/t?priority=${priority}`,
      replies: [{ body: "{}" }],
      sends: [
        {
          url: "https://h/t",
          headers: { priority: header, authorization: `Basic ${btoa("user:p@ss")}` },
          body: text,
        },
      ],
    }),
  ),
  {
    says: "ntfy: an answer that is no JSON is a failure",
    url: "ntfy://h/t",
    replies: [{ body: "welcome" }],
    sends: [{ url: "https://h/t", body: text }],
    fails: /^failed to send ntfy notification: server response: status 200$/,
  },
  {
    says: "bark: everything that a URL can say",
    url: "bark://:key@h/?icon=i&group=g&category=c&copy=x&title=T&badge=0x10&sound=s&url=u",
    replies: [{ body: '{"code":200}' }],
    sends: [
      {
        url: "https://h/push",
        body: {
          body: text,
          device_key: "key",
          title: "T",
          sound: "s",
          badge: 16,
          icon: "i",
          group: "g",
          url: "u",
          category: "c",
          copy: "x",
        },
      },
    ],
  },
  {
    says: "notifiarr: the custom form means the same",
    url: "notifiarr+https://key?name=Node",
    sends: [
      {
        url: "https://notifiarr.com/api/v1/notification/passthrough/key",
        body: { notification: { name: "Node" }, discord: { text: { description: text } } },
      },
    ],
  },
  {
    says: "notifiarr: a name and both pictures",
    url: "notifiarr://key?name=Node&image=i.png&thumbnail=t.png",
    sends: [
      {
        url: "https://notifiarr.com/api/v1/notification/passthrough/key",
        body: {
          notification: { name: "Node" },
          discord: { images: { thumbnail: "t.png", image: "i.png" }, text: { description: text } },
        },
      },
    ],
  },
  {
    says: "pushbullet: a channel whose mark nobody escaped, and a title; an answer that is no JSON is a failure",
    url: "pushbullet://o.abcdefghijklmnopqrstuvwxyz012345/?title=T#channel",
    replies: [{ body: "welcome" }],
    sends: [
      {
        url: "https://api.pushbullet.com/v2/pushes",
        body: { type: "note", title: "T", body: text, email: "", channel_tag: "channel", device_iden: "" },
      },
    ],
    fails: /^failed to send pushbullet notification: status 200$/,
  },
  {
    says: "signal: without a user there are no credentials",
    url: "signal://h/+15551234/+15555678?token=",
    sends: [{ url: "https://h:8080/v2/send", body: { message: text, number: "+15551234", recipients: ["+15555678"] } }],
  },
  {
    says: "signal: a refusal",
    url: "signal://h/+15551234/+15555678",
    replies: [{ status: 400 }],
    sends: [{ url: "https://h:8080/v2/send", body: { message: text, number: "+15551234", recipients: ["+15555678"] } }],
    fails: /^failed to send signal notification: status 400$/,
    final: true,
  },
  {
    says: "twilio: a refusal",
    url: "twilio://AC1:secret@MG42/+15551234",
    message: "x",
    replies: [{ status: 401 }],
    sends: [
      {
        url: "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        body: "Body=x&MessagingServiceSid=MG42&To=%2B15551234",
      },
    ],
    fails: /^failed to send twilio notification: status 401$/,
    final: true,
  },
];

/** What is no URL for them. */
export const fieldRefusals: readonly RefusedCase[] = [
  { url: `gotify://h/${token}?date=tomorrow`, refused: /^invalid value for date: not an instant such as 2026-/ },
  { url: `gotify://h/${token}?date=2026-13-30T12:00:00Z`, refused: /^invalid value for date: / },
  { url: `gotify://h/${token}?extras=%5B%5D`, refused: /^invalid value for extras: not a JSON object$/ },
  { url: `gotify://h/${token}?extras=x`, refused: /^invalid value for extras: not JSON$/ },
  { url: `gotify:///${token}`, refused: /^host missing from config URL$/ },
  { url: "ntfy://h/t?cache=perhaps", refused: /^invalid value for cache: accepted values are 1, true, yes or 0, / },
  { url: "pushover://s:t@u?key=abc", refused: /^invalid value for encryptionkey: not 64 hexadecimal digits$/ },
  {
    url: "pushbullet://o.abcdefghijklmnopqrstuvwxyz012345?color=1",
    refused: /^color is not a valid config key \[title\]$/,
  },
  { url: "join://s:k@join/?devices=d&color=1", refused: /^color is not a valid config key / },
  { url: "signal://h/+15551234/+15555678?color=1", refused: /^color is not a valid config key / },
  { url: "signal:///+15551234/+15555678", refused: /^host missing from config URL$/ },
  { url: "twilio://:s@MG42/+1555", refused: /^account SID missing from config URL$/ },
  { url: "twilio://AC1:s@/+1555", refused: /^sender missing from config URL$/ },
  { url: "bark://:k@/", refused: /^host missing from config URL$/ },
  { url: "notifiarr://", refused: /^API key missing from config URL$/ },
];

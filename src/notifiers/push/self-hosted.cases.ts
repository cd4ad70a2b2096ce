import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const json = { "content-type": "application/json" };
const token = "Aaa.bbb.ccc.ddd";
const text = "Draining node node-1";

/** What servers that people run themselves are sent. */
export const selfHostedCases: readonly ExchangeCase[] = [
  {
    says: "gotify: the token goes into the query, and the title is the one that kured always had",
    url: `gotify://my.gotify.tld/${token}`,
    replies: [{ body: "{}" }],
    sends: [
      {
        url: `https://my.gotify.tld/message?token=${token}`,
        headers: json,
        body: { message: text, title: "Shoutrrr notification", priority: 0 },
      },
    ],
  },
  {
    says: "gotify: below a path, on a port, in plain text, with a priority and a title",
    url: `gotify://my.gotify.tld:8080/gotify/${token}?priority=5&title=Node&disableTLS=yes`,
    replies: [{ body: "{}" }],
    sends: [
      {
        url: `http://my.gotify.tld:8080/gotify/message?token=${token}`,
        body: { message: text, title: "Node", priority: 5 },
      },
    ],
  },
  {
    says: "gotify: the token may be a header, so that no proxy writes it down",
    url: `gotify://my.gotify.tld/${token}/?useheader=yes`,
    replies: [{ body: "{}" }],
    sends: [
      {
        url: "https://my.gotify.tld/message",
        headers: { "x-gotify-key": token },
        body: { message: text, title: "Shoutrrr notification", priority: 0 },
      },
    ],
  },
  {
    says: "gotify: a refusal is told in the server's words, without the token",
    url: `gotify://my.gotify.tld/${token}`,
    message: "x",
    replies: [
      { status: 401, body: '{"error":"Unauthorized","errorCode":401,"errorDescription":"provide a valid token"}' },
    ],
    sends: [
      {
        url: `https://my.gotify.tld/message?token=${token}`,
        body: { message: "x", title: "Shoutrrr notification", priority: 0 },
      },
    ],
    fails: /^failed to send gotify notification: Unauthorized \(401\): provide a valid token$/,
    final: true,
  },
  {
    says: "gotify: a page that is no JSON is no acceptance",
    url: `gotify://my.gotify.tld/${token}`,
    message: "x",
    replies: [{ body: "<html>welcome</html>" }],
    sends: [
      {
        url: `https://my.gotify.tld/message?token=${token}`,
        body: { message: "x", title: "Shoutrrr notification", priority: 0 },
      },
    ],
    fails: /gotify notification: status 200$/,
  },
  {
    says: "ntfy: the message is the body, and all else is headers",
    url: "ntfy://ntfy.sh/my-alerts?title=Node+r%C3%B6boot&tags=a,b&priority=4&click=https://example.com/&in=1h&icon=i.png",
    message: "Rebooting node <1>",
    replies: [{ body: "{}" }],
    sends: [
      {
        url: "https://ntfy.sh/my-alerts",
        headers: {
          title: `=?UTF-8?B?${btoa("Node r\u00c3\u00b6boot")}?=`,
          tags: "a,b",
          priority: "High",
          click: "https://example.com/",
          delay: "1h",
          "x-icon": "i.png",
        },
        body: "Rebooting node <1>",
      },
    ],
  },
  {
    says: "ntfy: actions keep their semicolons; a cache and a relay can be declined",
    url: "ntfy://host:8443/t?actions=view,%20A,%20https://a.example;view,B&cache=no&firebase=No&scheme=http&priority=urgent",
    replies: [{ body: "{}" }],
    sends: [
      {
        url: "http://host:8443/t",
        headers: { actions: "view, A, https://a.example;view,B", cache: "no", firebase: "no", priority: "Max" },
        body: text,
      },
    ],
  },
  {
    says: "ntfy: an access token is a password without a user",
    url: "ntfy://:tk_secret@ntfy.sh/t",
    replies: [{ body: "{}" }],
    sends: [{ url: "https://ntfy.sh/t", headers: { authorization: `Basic ${btoa(":tk_secret")}` }, body: text }],
  },
  {
    says: "ntfy: a topic that is not ours to write is not tried again",
    url: "ntfy://ntfy.sh/t",
    replies: [{ status: 403, body: '{"code":40301,"error":"forbidden","link":"https://ntfy.sh/docs"}' }],
    sends: [{ url: "https://ntfy.sh/t", headers: { priority: "Default" }, body: text }],
    fails: /^failed to send ntfy notification: server response: forbidden \(40301\), see: https:\/\/ntfy.sh\/docs$/,
    final: true,
  },
  {
    says: "bark: the device's key is in the body, and success is what the body says",
    url: "bark://:key@api.day.app/?title=Node&sound=bell&badge=2&url=https://example.com",
    replies: [{ body: '{"code":200}' }],
    sends: [
      {
        url: "https://api.day.app/push",
        headers: json,
        body: { body: text, device_key: "key", title: "Node", sound: "bell", badge: 2, url: "https://example.com" },
      },
    ],
  },
  {
    says: "bark: below a path; a device that the server does not know is told",
    url: "bark://key@host:8080/bark?scheme=http",
    replies: [{ body: '{"code":400,"message":"no such device"}' }],
    sends: [{ url: "http://host:8080/bark/push", body: { body: text, device_key: "key", title: "", badge: 0 } }],
    fails: /^failed to send bark notification: no such device$/,
  },
  {
    says: "signal: to numbers and groups, with a password",
    url: "signal://me:secret@localhost/+15551234/+15555678/group.abc=?disabletls=yes",
    replies: [{ status: 201 }],
    sends: [
      {
        url: "http://localhost:8080/v2/send",
        headers: { ...json, authorization: `Basic ${btoa("me:secret")}` },
        body: { message: text, number: "+15551234", recipients: ["+15555678", "group.abc="] },
      },
    ],
  },
  {
    says: "signal: a token comes before a password",
    url: "signal://me:secret@localhost:9000/+15551234/+15555678?apikey=token",
    sends: [
      {
        url: "https://localhost:9000/v2/send",
        headers: { authorization: "Bearer token" },
        body: { message: text, number: "+15551234", recipients: ["+15555678"] },
      },
    ],
    warns: ["user and password have no effect: there is a token"],
  },
];

/** What is no URL for them. */
export const selfHostedRefusals: readonly RefusedCase[] = [
  { url: "gotify://my.gotify.tld/Aaa.bbb.ccc.dd", refused: /^invalid gotify token$/ },
  { url: "gotify://my.gotify.tld/Baa.bbb.ccc.ddd", refused: /^invalid gotify token$/ },
  { url: "gotify://my.gotify.tld/Aaa.bbb.ccc.dd!", refused: /^invalid gotify token$/ },
  { url: `gotify://h/${token}?priority=high`, refused: /^invalid value for priority: not an integer$/ },
  { url: `gotify://h/${token}?prio=1`, refused: /^prio is not a valid config key / },
  { url: "ntfy:///topic", refused: /^host missing from config URL$/ },
  { url: "ntfy://ntfy.sh/", refused: /^topic missing from config URL$/ },
  { url: "ntfy://ntfy.sh/t?priority=6", refused: /^invalid value for priority: not a one of Min, Low, / },
  { url: "ntfy://ntfy.sh/t?scheme=ftp", refused: /^invalid value for scheme: / },
  { url: "bark://api.day.app/", refused: /^device key missing from config URL$/ },
  { url: "signal://localhost/15551234/+15555678", refused: /^the sender is not a phone number/ },
  { url: "signal://localhost/+15551234", refused: /^recipients missing from config URL$/ },
  { url: "signal://localhost/+15551234/bob", refused: /^a recipient is neither/ },
];

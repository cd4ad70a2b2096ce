import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };
const bullet = "o.abcdefghijklmnopqrstuvwxyz012345";
const pushes = "https://api.pushbullet.com/v2/pushes";
const text = "Draining node node-1";

/** What services of the internet that reach somebody's own devices are sent. */
export const hostedCases: readonly ExchangeCase[] = [
  {
    says: "pushover: a form with token and user; a priority out of range is left out",
    url: "pushover://shoutrrr:apptoken@userkey/?devices=a,b&priority=2&title=My+title",
    message: "50% & more",
    sends: [
      {
        url: "https://api.pushover.net/1/messages.json",
        headers: form,
        body: "device=a%2Cb&message=50%25+%26+more&title=My+title&token=apptoken&user=userkey",
      },
    ],
    warns: ["priority has no effect: only -2 to 1 can be sent"],
  },
  {
    says: "pushover: without devices all are meant; anything but 200 is a refusal",
    url: "pushover://shoutrrr:apptoken@userkey",
    message: "x",
    replies: [{ status: 400, body: '{"status":0}' }],
    sends: [
      {
        url: "https://api.pushover.net/1/messages.json",
        body: "device=&message=x&priority=0&token=apptoken&user=userkey",
      },
    ],
    fails: /^failed to send pushover notification: status 400$/,
    final: true,
  },
  {
    says: "pushbullet: one push for each device, channel and mail address, and an empty title",
    url: `pushbullet://${bullet}/device/me@example.com/#channel`,
    replies: [{ body: "{}" }],
    sends: [{ device_iden: "device" }, { email: "me@example.com" }, { channel_tag: "channel" }].map((target) => ({
      url: pushes,
      headers: { ...json, "access-token": bullet },
      body: { type: "note", title: "", body: text, email: "", channel_tag: "", device_iden: "", ...target },
    })),
  },
  {
    says: "pushbullet: one target that refuses does not keep the message from the next",
    url: `pushbullet://${bullet}/gone/here`,
    message: "x",
    replies: [{ status: 404, body: "{}" }, { body: "{}" }],
    sends: ["gone", "here"].map((device) => ({
      url: pushes,
      body: { type: "note", title: "", body: "x", email: "", channel_tag: "", device_iden: device },
    })),
    fails: /^1 of 2 targets refused, the first: failed to send pushbullet notification: status 404$/,
    final: true,
  },
  {
    says: "join: everything is in the query, and there is no body",
    url: "join://shoutrrr:apikey@join/?devices=d1,d2&title=T&icon=https://example.com/i.png",
    sends: [
      {
        url:
          "https://joinjoaomgcd.appspot.com/_ah/api/messaging/v1/sendPush?apikey=apikey&deviceIds=d1%2Cd2" +
          "&icon=https%3A%2F%2Fexample.com%2Fi.png&text=Draining+node+node-1&title=T",
        headers: { "content-type": "text/plain" },
      },
    ],
  },
  {
    says: "join: a server that is broken is asked again",
    url: "join://shoutrrr:apikey@join/?devices=d1",
    message: "x",
    replies: [{ status: 503 }],
    sends: [
      {
        url: "https://joinjoaomgcd.appspot.com/_ah/api/messaging/v1/sendPush?apikey=apikey&deviceIds=d1&text=x",
      },
    ],
    fails: /^failed to send join notification: status 503$/,
    final: false,
  },
  {
    says: "twilio: one short message for each number, from a messaging service",
    url: "twilio://AC1:secret@MG42/+15551234/+15555678?title=Node",
    message: "x",
    replies: [{ status: 201 }],
    sends: ["%2B15551234", "%2B15555678"].map((to) => ({
      url: "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
      headers: { ...form, authorization: `Basic ${btoa("AC1:secret")}` },
      body: `Body=Node%0Ax&MessagingServiceSid=MG42&To=${to}`,
    })),
  },
  {
    says: "twilio: from a number",
    url: "twilio://AC1:secret@+15550000/+15551234",
    message: "x",
    sends: [
      {
        url: "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        body: "Body=x&From=%2B15550000&To=%2B15551234",
      },
    ],
  },
  {
    says: "notifiarr: the channel's number keeps all its digits",
    url: "notifiarr://key?channel=1234567890123456789&thumbnail=t.png&color=ff0000",
    replies: [{ body: "{}" }],
    sends: [
      {
        url: "https://notifiarr.com/api/v1/notification/passthrough/key",
        headers: json,
        body:
          '{"notification":{"name":"Shoutrrr"},"discord":{"color":"ff0000","images":{"thumbnail":"t.png"},' +
          '"text":{"description":"Draining node node-1"},"ids":{"channel":1234567890123456789}}}',
      },
    ],
  },
  {
    says: "notifiarr: without a channel",
    url: "notifiarr://key",
    replies: [{ status: 401 }],
    sends: [
      {
        url: "https://notifiarr.com/api/v1/notification/passthrough/key",
        body: { notification: { name: "Shoutrrr" }, discord: { text: { description: text } } },
      },
    ],
    fails: /^failed to send notifiarr notification: status 401$/,
    final: true,
  },
];

/** What is no URL for them. */
export const hostedRefusals: readonly RefusedCase[] = [
  { url: "pushover://shoutrrr:token@", refused: /^user missing from config URL$/ },
  { url: "pushover://userkey", refused: /^token missing from config URL$/ },
  { url: "pushover://shoutrrr:t@u?colour=red", refused: /^colour is not a valid config key / },
  { url: "pushbullet://tooshort/device", refused: /^token has incorrect size$/ },
  { url: "join://join/?devices=d1", refused: /^API key missing from config URL$/ },
  { url: "join://shoutrrr:key@join/", refused: /^devices missing from config URL$/ },
  { url: "twilio://AC1@MG42/+1555", refused: /^auth token missing from config URL$/ },
  { url: "twilio://AC1:secret@MG42", refused: /^recipients missing from config URL$/ },
  { url: "notifiarr://key?channel=general", refused: /^invalid value for channel: not a number$/ },
];

import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const json = { "content-type": "application/json" };
const uuid = "4513b7ea-3b91-438f-b7e4-e3e54af9147c";
const integrationKey = "0123456789abcdef0123456789ABCDEF";
const text = "Draining node node-1";
const long = `${"a".repeat(129)}ö${"b".repeat(50)}`;

/** What services that wake somebody are sent. */
export const alertCases: readonly ExchangeCase[] = [
  {
    says: "opsgenie: a short message is the alert",
    url: "opsgenie://api.opsgenie.com/apikey",
    replies: [{ status: 202 }],
    sends: [
      {
        url: "https://api.opsgenie.com/v2/alerts",
        headers: { ...json, authorization: "GenieKey apikey" },
        body: { message: text },
      },
    ],
  },
  {
    says: "opsgenie: a long message is cut between characters and said whole in the description",
    url: "opsgenie://api.eu.opsgenie.com:8443/apikey",
    message: long,
    sends: [
      {
        url: "https://api.eu.opsgenie.com:8443/v2/alerts",
        body: { message: "a".repeat(129), description: long },
      },
    ],
  },
  {
    says: "opsgenie: everything that a URL can say",
    url:
      `opsgenie:///apikey?title=T&alias=A&description=D&responders=team:${uuid},user:me@example.com` +
      "&visibleTo=team:ops,schedule:week&actions=An,Bn&tags=x,y&details=k:v,l:w&entity=E&source=S&priority=P1&user=U&note=N",
    sends: [
      {
        url: "https://api.opsgenie.com/v2/alerts",
        body: {
          message: "T",
          alias: "A",
          description: `${text}\nD`,
          responders: [
            { type: "team", id: uuid },
            { type: "user", username: "me@example.com" },
          ],
          visibleTo: [
            { type: "team", name: "ops" },
            { type: "schedule", name: "week" },
          ],
          actions: ["An", "Bn"],
          tags: ["x", "y"],
          details: { k: "v", l: "w" },
          entity: "E",
          source: "S",
          priority: "P1",
          user: "U",
          note: "N",
        },
      },
    ],
  },
  {
    says: "opsgenie: a wrong key is not tried again",
    url: "opsgenie:///apikey",
    replies: [{ status: 401 }],
    sends: [{ url: "https://api.opsgenie.com/v2/alerts", body: { message: text } }],
    fails: /^failed to send opsgenie notification: status 401$/,
    final: true,
  },
  {
    says: "pagerduty: an event of the second version",
    url: `pagerduty:///${integrationKey}`,
    replies: [{ status: 202 }],
    sends: [
      {
        url: "https://events.pagerduty.com/v2/enqueue",
        headers: json,
        body: {
          payload: { summary: text, severity: "error", source: "default" },
          routing_key: integrationKey,
          event_action: "trigger",
        },
      },
    ],
  },
  {
    says: "pagerduty: everything that a URL can say, and a summary that is cut",
    url:
      `pagerduty://events.eu.pagerduty.com:8443/${integrationKey}?severity=INFO&source=cluster&action=resolve&dedup_key=d` +
      "&details=%7B%22a%22:1%7D&contexts=%5B%7B%22type%22:%22link%22%7D%5D&client=kured&client_url=https://kured.dev",
    message: "ü".repeat(1_025),
    sends: [
      {
        url: "https://events.eu.pagerduty.com:8443/v2/enqueue",
        body: {
          payload: { summary: "ü".repeat(1_024), severity: "info", source: "cluster" },
          routing_key: integrationKey,
          event_action: "resolve",
          dedup_key: "d",
          details: { a: 1 },
          contexts: [{ type: "link" }],
          client: "kured",
          client_url: "https://kured.dev",
        },
      },
    ],
  },
  {
    says: "pagerduty: asked too often, it says how long to wait",
    url: `pagerduty:///${integrationKey}`,
    replies: [{ status: 429, headers: { "retry-after": "30" } }],
    sends: [
      {
        url: "https://events.pagerduty.com/v2/enqueue",
        body: {
          payload: { summary: text, severity: "error", source: "default" },
          routing_key: integrationKey,
          event_action: "trigger",
        },
      },
    ],
    fails: /^failed to send pagerduty notification: status 429$/,
    final: false,
  },
  {
    says: "ifttt: each event gets three values, the second of which is the message",
    url: "ifttt://key/?events=one,two&value1=first&value2=lost",
    sends: ["one", "two"].map((event) => ({
      url: `https://maker.ifttt.com/trigger/${event}/with/key/key`,
      headers: json,
      body: { value1: "first", value2: text, value3: "" },
    })),
    warns: ["value2 has no effect: the message stands there"],
  },
  {
    says: "ifttt: message and title go where the URL says",
    url: "ifttt://key/?events=one&messagevalue=3&titlevalue=1&title=T&value2=second",
    replies: [{ status: 500 }],
    sends: [
      {
        url: "https://maker.ifttt.com/trigger/one/with/key/key",
        body: { value1: "T", value2: "second", value3: text },
      },
    ],
    fails: /^failed to send ifttt notification: status 500$/,
    final: false,
  },
];

/** What is no URL for them. */
export const alertRefusals: readonly RefusedCase[] = [
  { url: "opsgenie://api.opsgenie.com", refused: /^API key missing from config URL$/ },
  { url: "opsgenie:///k?responders=ops", refused: /^invalid entity, should be team:/ },
  { url: "opsgenie:///k?details=k", refused: /^invalid value for details: not of the form key:value/ },
  { url: "opsgenie:///k?colour=red", refused: /^colour is not a valid config key / },
  { url: "pagerduty:///0123", refused: /^invalid integration key: / },
  { url: `pagerduty:///${integrationKey}?severity=bad`, refused: /^invalid value for severity: not a one of error, / },
  { url: `pagerduty:///${integrationKey}?details=%7B`, refused: /^invalid value for details: not JSON$/ },
  { url: "ifttt://?events=one", refused: /^webhook ID missing from config URL$/ },
  { url: "ifttt://key", refused: /^events missing from config URL$/ },
  { url: "ifttt://key?events=one&messagevalue=4", refused: /^invalid value for messagevalue: not between 1 and 3$/ },
  { url: "ifttt://key?events=one&titlevalue=2", refused: /^value cannot be used for both message and title$/ },
];

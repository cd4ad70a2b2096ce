import type { ExchangeCase, RefusedCase } from "../testing/exchange-case.ts";

const group = "11111111-4444-4444-8444-cccccccccccc";
const tenant = "22222222-4444-4444-8444-cccccccccccc";
const altId = "33333333012222222222333333333344";
const owner = "44444444-4444-4444-8444-cccccccccccc";
const words = `${group}@${tenant}/IncomingWebhook/${altId}/${owner}`;
const platform =
  "https://env.a1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/b/invoke";

/** What Teams is sent by the rarer words of a URL. */
export const teamsCases: readonly ExchangeCase[] = [
  {
    says: "teams: without a host the oldest one is meant; a colour and a short title",
    url: `teams://${group}@${tenant}/${altId}/${owner}?color=ff0000&title=Node`,
    message: "a <b>",
    sends: [
      {
        url: `https://outlook.office.com/webhook/${words}`,
        body: {
          "@type": "MessageCard",
          "@context": "http://schema.org/extensions",
          markdown: true,
          title: "Node",
          summary: "Node",
          sections: [{ text: "a <b>", startGroup: false }],
          themeColor: "ff0000",
        },
      },
    ],
  },
  {
    says: "teams: a workflow of the power platform, with a title in a colour, and no blank lines",
    url: `teams://?host=${encodeURIComponent(platform)}&title=Node&color=Attention`,
    message: "a\n\nb",
    sends: [
      {
        url: platform.replace(":443", ""),
        headers: { "content-type": "application/json" },
        body: adaptiveCard(
          { text: "Node", color: "Attention", weight: "Bolder", size: "Medium" },
          { text: "a", wrap: true },
          { text: "b", wrap: true },
        ),
      },
    ],
  },
];

/** What a workflow is sent: a message with one card of these blocks of text. */
export function adaptiveCard(...texts: readonly Readonly<Record<string, unknown>>[]) {
  const body = texts.map((text) => ({ type: "TextBlock", ...text }));
  const $schema = "http://adaptivecards.io/schemas/adaptive-card.json";
  const content = { $schema, type: "AdaptiveCard", version: "1.2", body };
  return {
    type: "message",
    attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content }],
  };
}

/** What is no URL for it. */
export const teamsRefusals: readonly RefusedCase[] = [
  { url: `teams://${group}@${tenant}`, refused: /: third token part is invalid$/ },
  { url: `teams://${group}@${tenant}/${altId}/${owner}?colour=red`, refused: /^colour is not a valid config key / },
  { url: `teams://${group}@${tenant}/${altId}/${owner}?host=evil.com/x`, refused: /^host is not a host name$/ },
  { url: "teams://", refused: /^host is not the URL of a Teams workflow$/ },
];

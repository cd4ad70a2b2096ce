import type { Web } from "../../ports/web.ts";
import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import { UrlRefused } from "../url/url-refused.ts";

/** Whether a URL is that of a Power Automate workflow, which has taken the place of Teams' connectors. */
export function isWorkflow(url: string): boolean {
  return workflows.some((pattern) => pattern.test(url));
}

const workflows = [
  /^https:\/\/[a-z0-9][a-z0-9.-]*\.logic\.azure(?:\.[a-z]{2,})?(:\d+)?\/(?:powerautomate\/automations\/direct\/(?:[a-z0-9-]+\/)*)?workflows\//i,
  /^https:\/\/[a-z0-9][a-z0-9.-]*\.environment\.api\.powerplatform\.com(:\d+)?\/powerautomate\/automations\/direct\/(?:[a-z0-9-]+\/)*workflows\//i,
];

/** Posts an adaptive card to the workflow at `target`. Throws `UrlRefused` where it is none. */
export function workflowNotifier(
  target: string,
  { title, color, web }: { readonly title: string; readonly color: string; readonly web: Web },
): Notifier {
  if (!isWorkflow(target)) throw new UrlRefused("host is not the URL of a Teams workflow");
  return {
    name: "teams",
    send: async (message, { signal }) => {
      const heading = { type: "TextBlock", text: title, color: unlessEmpty(color), weight: "Bolder", size: "Medium" };
      const lines = message.split("\n").filter((line) => line.trim() !== "");
      const content = {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.2",
        body: [...(title === "" ? [] : [heading]), ...lines.map((text) => ({ type: "TextBlock", text, wrap: true }))],
      };
      const contentType = "application/vnd.microsoft.card.adaptive";
      const body = { type: "message", attachments: [{ contentType, contentUrl: null, content }] };
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      if (answer.status !== 200 && answer.status !== 202)
        throw refusedBy(answer, `failed to send notification to teams, response status code ${answer.status}`);
    },
  };
}

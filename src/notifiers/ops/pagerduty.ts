import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { choice, json, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  severity: choice(["error", "critical", "warning", "info"], { fallback: "error" }),
  source: text({ fallback: "default" }),
  action: choice(["trigger", "acknowledge", "resolve"], { fallback: "trigger" }),
  dedup_key: text(),
  details: json(),
  contexts: json(),
  client: text(),
  client_url: text(),
};

/** `pagerduty://[host[:port]]/integrationKey`: PagerDuty's Events API, version 2. */
export function pagerdutyNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const key = url.path.replace(/^\//, "");
  if (!/^[0-9a-f]{32}$/i.test(key)) throw new UrlRefused("invalid integration key: not 32 hexadecimal digits");
  const target = `https://${url.hostname || "events.pagerduty.com"}:${url.port || 443}/v2/enqueue`;
  return {
    name: "pagerduty",
    send: async (message, { signal }) => {
      const summary = Array.from(message).slice(0, summaryCharactersMax).join("");
      const body = {
        payload: { summary, severity: set.severity, source: set.source },
        routing_key: key,
        event_action: set.action,
        dedup_key: unlessEmpty(set.dedup_key),
        details: set.details,
        contexts: set.contexts,
        client: unlessEmpty(set.client),
        client_url: unlessEmpty(set.client_url),
      };
      const answer = await exchange(jsonPost(target, { body }), { web, signal });
      if (answer.status >= 200 && answer.status < 300) return;
      throw refusedBy(answer, `failed to send pagerduty notification: status ${answer.status}`);
    },
  };
}

const summaryCharactersMax = 1024;

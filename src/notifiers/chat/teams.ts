import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import { pathParts, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { strayKeys, withoutEffect } from "../url/without-effect.ts";
import { workflowNotifier } from "./teams-workflow.ts";

const properties = { host: text(), title: text(), color: text() };

interface Connector {
  readonly group: string;
  readonly tenant: string;
  readonly altId: string;
  readonly owner: string;
}

/**
 * `teams://group@tenant/altId/owner?host=org.webhook.office.com`, or as it once was,
 * `teams://group@tenant:altId@owner`; without an authority, `teams://?host=<percent-encoded workflow URL>`.
 */
export function teamsNotifier(url: ServiceUrl, parts: ServiceParts): Notifier {
  if (url.hostname === "" && url.user === undefined) {
    const set = readProperties(url, properties, { unknown: "ignore" });
    const idle =
      set.title === "" ? withoutEffect(url, ["color"], "it is the colour of a title, and there is none") : [];
    return {
      ...workflowNotifier(set.host, { ...set, web: parts.web }),
      warnings: [...strayKeys(url, properties), ...idle],
    };
  }
  const set = readProperties(url, properties);
  return connectorNotifier(checked(connectorOf(url)), { set, parts });
}

/** `teams+https://org.webhook.office.com/webhookb2/group@tenant/IncomingWebhook/altId/owner`. */
export function customTeamsNotifier(url: ServiceUrl, parts: ServiceParts): Notifier {
  const [, group = "", tenant = "", altId = "", owner = ""] =
    /([0-9a-f-]{36})@([0-9a-f-]{36})\/[^/]+\/([0-9a-f]{32})\/([0-9a-f-]{36})/.exec(url.path) ?? [];
  if (group === "") throw new UrlRefused("invalid URL format");
  const set = readProperties(url, properties);
  return connectorNotifier(checked({ group, tenant, altId, owner }), { set: { ...set, host: url.hostname }, parts });
}

function connectorOf(url: ServiceUrl): Connector {
  const [altId = "", owner = ""] = pathParts(url);
  const old = /^(?<group>[^@]*)@(?<tenant>.*)$/.exec(url.user ?? "")?.groups;
  if (old) {
    const { group = "", tenant = "" } = old;
    return { group, tenant, altId: url.password ?? "", owner: url.hostname };
  }
  return { group: url.user ?? "", tenant: url.hostname, altId, owner };
}

function checked(connector: Connector): Connector {
  const { group, tenant, altId, owner } = connector;
  const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;
  const faults = [
    ["first", uuid.test(group)],
    ["second", uuid.test(tenant)],
    ["third", /[A-Za-z0-9]{32}/.test(altId)],
    ["forth", uuid.test(owner)],
  ] as const;
  const fault = faults.find(([, isGood]) => !isGood);
  if (fault) throw new UrlRefused(`invalid URL format: ${fault[0]} token part is invalid`);
  return connector;
}

const oldHost = "outlook.office.com";
const summaryMax = 20;

function connectorNotifier(
  { group, tenant, altId, owner }: Connector,
  { set, parts }: { readonly set: Values<typeof properties>; readonly parts: ServiceParts },
): Notifier {
  const host = set.host === "" ? oldHost : set.host;
  // Only a name is wanted here: the words behind it are secrets, and must not go where somebody slipped.
  if (!/^[A-Za-z0-9.-]+(:\d+)?$/.test(host)) throw new UrlRefused("host is not a host name");
  const folder = host === oldHost ? "webhook" : "webhookb2";
  const target = `https://${host}/${folder}/${group}@${tenant}/IncomingWebhook/${altId}/${owner}`;
  return {
    name: "teams",
    send: async (message, { signal }) => {
      const lines = message.split("\n");
      const words = set.title === "" ? (lines[0] ?? "") : set.title;
      const body = {
        "@type": "MessageCard",
        "@context": "http://schema.org/extensions",
        markdown: true,
        title: unlessEmpty(set.title),
        summary: words.length > summaryMax ? words.slice(0, summaryMax + 1) : words,
        sections: lines.map((line) => ({ text: line, startGroup: false })),
        themeColor: unlessEmpty(set.color),
      };
      const answer = await exchange(jsonPost(target, { body }), { ...parts, signal });
      if (answer.status !== 200)
        throw refusedBy(answer, `failed to send notification to teams, response status code ${answer.status}`);
    },
  };
}

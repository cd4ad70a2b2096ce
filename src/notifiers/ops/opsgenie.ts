import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { dictionary, list, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = {
  title: text(),
  alias: text(),
  description: text(),
  responders: list(),
  visibleto: list(),
  actions: list(),
  tags: list(),
  details: dictionary(),
  entity: text(),
  source: text(),
  priority: text(),
  user: text(),
  note: text(),
};

/** `opsgenie://[api.opsgenie.com[:port]]/apiKey`; `api.eu.opsgenie.com` for the European instance. */
export function opsgenieNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const key = url.path.replace(/^\//, "");
  if (key === "") throw new UrlRefused("API key missing from config URL");
  const teams = { responders: set.responders.map(entityOf), visibleTo: set.visibleto.map(entityOf) };
  const target = `https://${url.hostname || "api.opsgenie.com"}:${url.port || 443}/v2/alerts`;
  return {
    name: "opsgenie",
    send: async (message, { signal }) => {
      const body = { ...headline(message, set), ...alertOf(set, teams) };
      const post = jsonPost(target, { body, headers: { authorization: `GenieKey ${key}` } });
      const answer = await exchange(post, { web, signal });
      if (answer.status >= 200 && answer.status < 300) return;
      throw refusedBy(answer, `failed to send opsgenie notification: status ${answer.status}`);
    },
  };
}

const headlineBytesMax = 130;

/** An alert's message is short; what does not fit in it is said whole in the description. */
function headline(message: string, set: Values<typeof properties>) {
  const long = Buffer.byteLength(message) > headlineBytesMax;
  const told = set.title !== "" || long ? message : "";
  const description = [told, set.description].filter((part) => part !== "").join("\n");
  return {
    message: set.title === "" ? cutToBytes(message, headlineBytesMax) : set.title,
    alias: unlessEmpty(set.alias),
    description: unlessEmpty(description),
  };
}

function alertOf(
  set: Values<typeof properties>,
  teams: Readonly<Record<"responders" | "visibleTo", readonly Entity[]>>,
) {
  return {
    responders: unlessNone(teams.responders),
    visibleTo: unlessNone(teams.visibleTo),
    actions: unlessNone(set.actions),
    tags: unlessNone(set.tags),
    details: Object.keys(set.details).length === 0 ? undefined : set.details,
    entity: unlessEmpty(set.entity),
    source: unlessEmpty(set.source),
    priority: unlessEmpty(set.priority),
    user: unlessEmpty(set.user),
    note: unlessEmpty(set.note),
  };
}

/** Somebody who is to be alerted or may see the alert. */
type Entity = Readonly<Record<"type", string> & Partial<Record<"id" | "name" | "username", string>>>;

/** Reads `team:ops`, `user:me@example.com` or `schedule:<UUID>`. */
function entityOf(written: string): Entity {
  const [, type = "", who = ""] = /^(team|user|escalation|schedule):(.+)$/.exec(written) ?? [];
  if (type === "") throw new UrlRefused("invalid entity, should be team:…, user:…, escalation:… or schedule:…");
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(who)) return { type, id: who };
  return type === "user" ? { type, username: who } : { type, name: who };
}

function unlessNone<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

/** As many whole characters as fit. */
function cutToBytes(message: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(message, new Uint8Array(bytesMax));
  return message.slice(0, read);
}

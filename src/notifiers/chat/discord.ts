import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { bool, integer, text } from "../url/property-types.ts";
import { pathParts, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { withoutEffect } from "../url/without-effect.ts";

const color = { min: 0, max: 0xffffff };

const properties = {
  title: text(),
  username: text(),
  avatar: text({ aliases: ["avatarurl"] }),
  color: integer(0x50d9ff, color),
  colorerror: integer(0xd60510, color),
  colorwarn: integer(0xffc441, color),
  colorinfo: integer(0x2488ff, color),
  colordebug: integer(0x7b00ab, color),
  splitlines: bool(true, { aliases: ["split"] }),
  json: bool(false),
  thread_id: text(),
};

/** `discord://token@webhook-id`; with the path `/raw` the message itself is the request's body. */
export function discordNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const parts = pathParts(url);
  const raw = parts.length === 1 && parts[0] === "raw";
  if (parts.length > 0 && !raw) throw new UrlRefused("illegal argument in config URL");
  if (url.hostname === "") throw new UrlRefused("webhook ID missing from config URL");
  if (url.user === undefined || url.user === "") throw new UrlRefused("token missing from config URL");
  const thread = set.thread_id === "" ? "" : `?thread_id=${encodeURIComponent(set.thread_id)}`;
  const words = [url.hostname, url.user].map((word) => encodeURIComponent(word));
  const target = `https://discord.com/api/webhooks/${words.join("/")}${thread}`;
  return {
    name: "discord",
    warnings: [
      ...withoutEffect(url, ["colorerror", "colorwarn", "colorinfo", "colordebug"], "messages have no level"),
      ...(raw || set.json ? withoutEffect(url, shapeOfEmbeds, "the message itself is what is sent") : []),
    ],
    send: async (message, { signal, delivered = new Set() }) => {
      if (message.trim() === "") throw new NotifyError("a message for discord must not be empty", { final: true });
      const requests =
        raw || set.json
          ? [{ ...jsonPost(target, { body: "" }), body: message }]
          : bodiesOf(message, set).map((body) => jsonPost(target, { body }));
      for (const [at, request] of requests.entries()) {
        if (delivered.has(`part ${at}`)) continue;
        const answer = await exchange(request, { web, signal });
        if (answer.status !== 204 && answer.status !== 200)
          throw refusedBy(answer, `failed to send discord notification: response status code ${answer.status}`);
        delivered.add(`part ${at}`);
      }
    },
  };
}

const shapeOfEmbeds = ["title", "username", "avatar", "avatarurl", "color", "splitlines", "split"];

const lineMax = 2_000;
const embedsMax = 10;
const chunksMax = 9;
const totalMax = 6_000;

function bodiesOf(message: string, set: Values<typeof properties>): readonly object[] {
  const groups = set.splitlines ? linesOf(message) : chunksOf(message);
  return groups.map((texts, group) => ({
    embeds: texts.map((description, at) => ({
      title: group === 0 && at === 0 ? unlessEmpty(set.title) : undefined,
      description,
      color: set.color === 0 ? undefined : set.color,
    })),
    username: unlessEmpty(set.username),
    avatar_url: unlessEmpty(set.avatar),
  }));
}

function linesOf(message: string): readonly (readonly string[])[] {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  const short = lines.map((line) => {
    const runes = Array.from(line);
    return runes.length > lineMax ? `${runes.slice(0, lineMax - 6).join("")} [...]` : line;
  });
  const groups: string[][] = [];
  for (let at = 0; at < short.length; at += embedsMax) groups.push(short.slice(at, at + embedsMax));
  return groups;
}

/** Pieces that end at white space where there is some near the end. */
function chunksOf(message: string): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let rest = Array.from(message);
  let total = Infinity;
  while (rest.length > 0) {
    const piece = rest.slice(0, lineMax);
    const space = piece.findLastIndex((rune) => /\s/.test(rune));
    const length = rest.length > lineMax && space >= lineMax - 100 ? space : piece.length;
    const last = groups.at(-1);
    if (last === undefined || last.length >= chunksMax || total + length > totalMax) {
      groups.push([]);
      total = 0;
    }
    groups.at(-1)?.push(rest.slice(0, length).join(""));
    total += length;
    rest = rest.slice(length);
    while (rest[0] !== undefined && /\s/.test(rest[0])) rest = rest.slice(1);
  }
  return groups;
}

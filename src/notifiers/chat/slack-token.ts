import { UrlRefused } from "../url/url-refused.ts";

/** Either an incoming web hook, or a bot or user that calls Slack's API. */
export type SlackToken =
  /** The path below `https://hooks.slack.com/services/`. */
  | { readonly kind: "hook"; readonly path: string }
  /** Sent as `Bearer`. */
  | { readonly kind: "api"; readonly bearer: string };

/** Reads `[hook:]A-B-C` or `xoxb:A-B-C`, with `-`, `/` or `,` between. Throws `UrlRefused`. */
export function parseSlackToken(text: string): SlackToken {
  const groups = token.exec(text)?.groups;
  if (!groups) throw new UrlRefused("invalid slack token format");
  const { type = "hook", first = "", second = "", third = "" } = groups;
  if (groups["between"] !== groups["behind"]) throw new UrlRefused("invalid webhook token format");
  return type === "hook"
    ? { kind: "hook", path: `${first}/${second}/${third}` }
    : { kind: "api", bearer: `${type}-${first}-${second}-${third}` };
}

const token =
  /(?:(?<type>xox.|hook)[-:]|:?)(?<first>[A-Z0-9]{9,})(?<between>[-/,])(?<second>[A-Z0-9]{9,})(?<behind>[-/,])(?<third>[A-Za-z0-9]{24,})/;

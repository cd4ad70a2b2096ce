import { exchange, jsonPost, refusedBy, unlessEmpty } from "../exchange.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { parseServiceUrl, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { slackNotifier } from "./slack.ts";

/** What `--slack-username` and `--slack-channel` say; empty is what the hook itself says. */
export interface SlackHookOptions {
  readonly username: string;
  readonly channel: string;
}

/**
 * Whom `--slack-hook-url` means: a web hook of Slack's own as kured 1.23 understands it, or any other receiver of
 * what kured before 1.7 posted: `{"text", "username", "channel"}`. Throws `UrlRefused`.
 */
export function slackHook(
  text: string,
  { parts, ...options }: SlackHookOptions & { readonly parts: ServiceParts },
): Notifier {
  const url = parseServiceUrl(text);
  if (url.scheme !== "https" && url.scheme !== "http") throw new UrlRefused("not an http or https URL");
  if (url.hostname.toLowerCase() !== "hooks.slack.com") return poster(text, { url, parts, ...options });
  const token = hookToken(url);
  try {
    if (token === undefined) throw new UrlRefused("unexpected number of / in URL");
    return slackNotifier(slackUrl(token, { url, ...options }), parts);
  } catch (error) {
    if (!(error instanceof UrlRefused)) throw error;
    const warnings = [`not one of Slack's web hooks, so it is posted as plain JSON: ${error.message}`];
    return { ...poster(text, { url, parts, ...options }), warnings };
  }
}

/** The three parts behind `/services/`, as kured takes them apart; `undefined` where they are not three. */
export function hookToken({ path }: ServiceUrl): string | undefined {
  const words = path.replaceAll("/services/", "").split("/");
  return words.length === 3 ? words.join("-") : undefined;
}

function slackUrl(token: string, { url, username, channel }: SlackHookOptions & { url: ServiceUrl }): ServiceUrl {
  return {
    ...url,
    user: "hook",
    password: token,
    hostname: channel === "" ? "webhook" : channel,
    path: "",
    query: [["botname", username]],
  };
}

function poster(
  text: string,
  { url, parts, username, channel }: SlackHookOptions & { readonly url: ServiceUrl; readonly parts: ServiceParts },
): Notifier {
  return {
    name: `web hook ${url.hostname}`,
    send: async (message, { signal }) => {
      const body = { text: message, username: unlessEmpty(username), channel: unlessEmpty(channel) };
      const answer = await exchange(jsonPost(text, { body }), { ...parts, signal });
      if (answer.status < 200 || answer.status >= 300)
        throw refusedBy(answer, `web hook ${url.hostname} answered ${answer.status}`);
    },
  };
}

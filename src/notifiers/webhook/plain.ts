import { discordNotifier } from "../chat/discord.ts";
import { slackHook } from "../chat/slack-hook.ts";
import { isWorkflow, workflowNotifier } from "../chat/teams-workflow.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import type { ServiceUrl } from "../url/service-url.ts";

/**
 * A web hook's URL as a service shows it to copy: Slack's, Discord's and Teams' are known by their form. Everybody else
 * gets `{"text": "…"}`, which Mattermost, Rocket.Chat, Google Chat and whatever imitates Slack understand.
 */
export function plainNotifier(url: ServiceUrl, parts: ServiceParts): Notifier {
  const { text } = url;
  const discord = /^(?:(?:canary|ptb)\.)?discord(?:app)?\.com$/i.test(url.hostname)
    ? /^\/api\/(?:v\d+\/)?webhooks\/(?<id>[^/]+)\/(?<token>[^/]+)\/?$/.exec(url.path)?.groups
    : undefined;
  if (discord) {
    const { id = "", token = "" } = discord;
    const thread = url.query.filter(([key]) => key === "thread_id");
    return discordNotifier({ ...url, hostname: id, user: token, path: "", query: thread }, parts);
  }
  if (isWorkflow(text)) return workflowNotifier(text, { title: "", color: "", web: parts.web });
  return slackHook(text, { parts, username: "", channel: "" });
}

import type { Settings } from "../config/settings.ts";
import { withMilestones } from "../coordinator/telling/milestones.ts";
import type { Story } from "../coordinator/story.ts";
import type { Notifier } from "../notifiers/notifier.ts";
import { createOutbox } from "../notifiers/outbox.ts";
import { formatTemplate } from "../notifiers/template.ts";
import type { Ports } from "./ports.ts";
import type { Supervision } from "./supervise.ts";

/** Lets a story's milestones be told to people as well. */
export type Notifying = (story: Story) => Story;

/**
 * Whoever is to be notified of drains, reboots and uncordons. What is wrong with a URL is said at once, and never
 * ends the process. The services are loaded only where there is somebody to tell.
 */
export async function notifying(
  { notifications }: Settings,
  { ports, process }: { readonly ports: Ports; readonly process: Supervision },
): Promise<Notifying> {
  const { templates, url, slackHookUrl } = notifications;
  if (url === "" && slackHookUrl === "") return (story) => story;
  const targets = await targetsFor(notifications, ports);
  const { clock, random, log } = ports;
  const { signal, tasks } = process;
  const outbox = createOutbox({ targets, clock, random, log, signal, start: (work) => tasks.start(work) });
  return (story) =>
    withMilestones(story, {
      tell: (milestone, { node }) => outbox.tell(formatTemplate(templates[milestone], node)),
    });
}

/** As in kured, `--slack-hook-url` counts only where there is no `--notify-url`. */
async function targetsFor(notifications: Settings["notifications"], ports: Ports): Promise<readonly Notifier[]> {
  const { url, slackHookUrl, slackUsername, slackChannel } = notifications;
  const { log } = ports;
  const { slackHookTarget, targetsOf } = await import("../notifiers/targets.ts");
  if (url === "") {
    const { notifier, refused, warning } = slackHookTarget(slackHookUrl, {
      parts: ports,
      username: slackUsername,
      channel: slackChannel,
    });
    if (warning !== undefined) log.write("warning", `slack-hook-url is not one of Slack's web hooks: ${warning}`);
    if (refused === undefined) return [notifier];
    log.write("error", `slack-hook-url is not properly formatted... no notification will be sent: ${refused}`);
    return [];
  }
  return targetsOf(url, ports).map(({ notifier, refused }) => {
    if (refused !== undefined) log.write("warning", `A target of notify-url cannot be notified: ${refused}`);
    return notifier;
  });
}

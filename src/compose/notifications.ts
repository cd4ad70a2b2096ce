import type { Settings } from "../config/settings.ts";
import type { Messenger, Notice } from "../coordinator/perform/messenger.ts";
import type { Notifier } from "../notifiers/notifier.ts";
import { createOutbox } from "../notifiers/outbox.ts";
import type { TargetParts } from "../notifiers/targets.ts";
import { formatTemplate } from "../notifiers/template.ts";
import type { Ports } from "./ports.ts";
import type { Supervision } from "./supervise.ts";

/** Whoever is to be notified. */
export interface Notifications {
  /** Whether there is anybody. */
  readonly wanted: boolean;
  /** What is not told when `signal` aborts is told by the next one; `tasks` may outlive the signal by some seconds. */
  messenger(supervision: Supervision): Messenger;
}

/** What of the ports it takes to tell people. */
export type NotifyingPorts = TargetParts & Pick<Ports, "log">;

/**
 * Whoever is to be notified of drains, reboots, uncordons and a roll-out that has stopped. What is wrong with a URL is
 * said at once, and never ends the process. The services are loaded only where there is somebody to tell.
 */
export async function notificationsFor(
  { notifications }: Pick<Settings, "notifications">,
  ports: NotifyingPorts,
): Promise<Notifications> {
  const { url, slackHookUrl, templates } = notifications;
  const targets = url === "" && slackHookUrl === "" ? [] : await targetsFor(notifications, ports);
  const { clock, random, log } = ports;
  return {
    wanted: targets.length > 0,
    messenger: ({ tasks, signal }) => {
      const outbox = createOutbox({ targets, clock, random, log, signal, start: (work) => tasks.start(work) });
      return { tell: (notice) => outbox.tell(messageOf(notice, templates)) };
    },
  };
}

/** kured has no words for a roll-out that has stopped, and no template. */
function messageOf({ milestone, node, detail }: Notice, templates: Settings["notifications"]["templates"]): string {
  if (milestone !== "stopped") return formatTemplate(templates[milestone], node);
  return `Reboots have stopped: node ${node} needs attention. ${detail}`.trimEnd();
}

/** As in kured, `--slack-hook-url` counts only where there is no `--notify-url`. */
async function targetsFor(
  notifications: Settings["notifications"],
  ports: NotifyingPorts,
): Promise<readonly Notifier[]> {
  const { url, slackHookUrl, slackUsername, slackChannel } = notifications;
  const { log } = ports;
  const { slackHookTarget, targetsOf } = await import("../notifiers/targets.ts");
  if (url === "") {
    const { notifier, refused } = slackHookTarget(slackHookUrl, {
      parts: ports,
      username: slackUsername,
      channel: slackChannel,
    });
    for (const warning of notifier.warnings ?? []) log.write("warning", `slack-hook-url: ${warning}`);
    if (refused === undefined) return [notifier];
    log.write("error", `slack-hook-url is not properly formatted... no notification will be sent: ${refused}`);
    return [];
  }
  const targets = await targetsOf(url, ports);
  return targets.map(({ notifier, refused }) => {
    if (refused !== undefined) log.write("warning", `A target of notify-url cannot be notified: ${refused}`);
    for (const warning of notifier.warnings ?? []) log.write("warning", `notify-url, ${notifier.name}: ${warning}`);
    return notifier;
  });
}

import type { OptionName } from "./options.ts";
import type { Settings } from "./settings.ts";

/**
 * The options that are given with another value than their default and whose feature the daemon does not have yet. It
 * must refuse to start with them: a gate that is silently missing reboots what it should not.
 */
export function unsupportedYet(settings: Settings): readonly OptionName[] {
  const { notifications } = settings;
  const given: readonly (readonly [OptionName, boolean])[] = [
    ["notify-url", notifications.url !== ""],
    ["slack-hook-url", notifications.slackHookUrl !== ""],
    ["slack-username", notifications.slackUsername !== "kured"],
    ["slack-channel", notifications.slackChannel !== ""],
  ];
  return given.filter(([, isGiven]) => isGiven).map(([name]) => name);
}

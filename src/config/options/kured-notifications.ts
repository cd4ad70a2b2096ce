import type { Command, Option } from "./option.ts";

const deciding = ["classic", "coordinator"] as const satisfies readonly Command[];

/** Those of kured's flags that say who is told, and in which words. */
export const kuredNotificationOptions = {
  "message-template-drain": {
    type: "string",
    default: "Draining node %s",
    commands: deciding,
    usage: "notification about a drain; %s is the node",
  },
  "message-template-reboot": {
    type: "string",
    default: "Rebooting node %s",
    commands: deciding,
    usage: "notification about a reboot; %s is the node",
  },
  "message-template-uncordon": {
    type: "string",
    default: "Node %s rebooted & uncordoned successfully!",
    commands: deciding,
    usage: "notification about a node that is back; %s is the node",
  },
  "notify-url": {
    type: "string",
    default: "",
    commands: deciding,
    usage: "where notifications go: URLs of services, web hooks or file: references, with spaces between",
  },
  "slack-channel": {
    type: "string",
    default: "",
    commands: deciding,
    usage: "channel for notifications through --slack-hook-url",
  },
  "slack-hook-url": {
    type: "string",
    default: "",
    commands: deciding,
    usage: "incoming web hook for notifications; --notify-url has taken its place",
  },
  "slack-username": {
    type: "string",
    default: "kured",
    commands: deciding,
    usage: "sender's name in notifications through --slack-hook-url",
  },
} as const satisfies Readonly<Record<string, Option>>;

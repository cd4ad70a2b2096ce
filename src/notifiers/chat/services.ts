import type { Service } from "../service.ts";
import { slackNotifier } from "./slack.ts";

/** Chats, by what stands before the `://`. */
export const chatServices: Readonly<Record<string, Service>> = {
  slack: { create: slackNotifier },
};

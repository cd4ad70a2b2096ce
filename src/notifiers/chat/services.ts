import type { Service } from "../service.ts";
import { customGenericNotifier, genericNotifier } from "../webhook/generic.ts";
import { plainNotifier } from "../webhook/plain.ts";
import { discordNotifier } from "./discord.ts";
import { slackNotifier } from "./slack.ts";
import { googlechatNotifier, mattermostNotifier, rocketchatNotifier } from "./team-chats.ts";
import { customTeamsNotifier, teamsNotifier } from "./teams.ts";
import { telegramNotifier } from "./telegram.ts";

/** Chats and web hooks, by what stands before the `://`. */
export const chatServices: Readonly<Record<string, Service>> = {
  slack: { create: slackNotifier },
  teams: { create: teamsNotifier, createCustom: customTeamsNotifier },
  discord: { create: discordNotifier },
  telegram: { create: telegramNotifier },
  mattermost: { create: mattermostNotifier },
  rocketchat: { create: rocketchatNotifier, reads: { fragment: true } },
  googlechat: { create: googlechatNotifier },
  hangouts: { create: googlechatNotifier },
  generic: { create: genericNotifier, createCustom: customGenericNotifier, reads: { query: "receiver's" } },
  https: { create: plainNotifier, reads: { query: "receiver's" } },
  http: { create: plainNotifier, reads: { query: "receiver's" } },
};

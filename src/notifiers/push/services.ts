import type { Service } from "../service.ts";
import { barkNotifier } from "./bark.ts";
import { gotifyNotifier } from "./gotify.ts";
import { joinNotifier } from "./join.ts";
import { notifiarrNotifier } from "./notifiarr.ts";
import { ntfyNotifier } from "./ntfy.ts";
import { pushbulletNotifier } from "./pushbullet.ts";
import { pushoverNotifier } from "./pushover.ts";
import { signalNotifier } from "./signal.ts";
import { twilioNotifier } from "./twilio.ts";

/** Messages to somebody's own devices, by what stands before the `://`. */
export const pushServices: Readonly<Record<string, Service>> = {
  bark: { create: barkNotifier },
  gotify: { create: gotifyNotifier },
  join: { create: joinNotifier },
  notifiarr: { create: notifiarrNotifier, createCustom: notifiarrNotifier },
  ntfy: { create: ntfyNotifier, reads: { query: "with semicolons" } },
  pushbullet: { create: pushbulletNotifier, reads: { fragment: true } },
  pushover: { create: pushoverNotifier },
  signal: { create: signalNotifier },
  twilio: { create: twilioNotifier },
};

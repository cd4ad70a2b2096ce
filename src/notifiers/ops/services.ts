import type { Service } from "../service.ts";
import { iftttNotifier } from "./ifttt.ts";
import { larkNotifier } from "./lark.ts";
import { loggerNotifier } from "./logger.ts";
import { matrixNotifier } from "./matrix.ts";
import { opsgenieNotifier } from "./opsgenie.ts";
import { pagerdutyNotifier } from "./pagerduty.ts";
import { wecomNotifier } from "./wecom.ts";
import { zulipNotifier } from "./zulip.ts";

/** A team's tools, by what stands before the `://`. */
export const opsServices: Readonly<Record<string, Service>> = {
  ifttt: { create: iftttNotifier },
  lark: { create: larkNotifier },
  logger: { create: loggerNotifier },
  matrix: { create: matrixNotifier },
  opsgenie: { create: opsgenieNotifier },
  pagerduty: { create: pagerdutyNotifier },
  wecom: { create: wecomNotifier },
  zulip: { create: zulipNotifier },
};

import { mqttNotifier } from "../mqtt/mqtt.ts";
import { smtpNotifier } from "../mail/smtp.ts";
import { opsServices } from "../ops/services.ts";
import { pushServices } from "../push/services.ts";
import type { Service } from "../service.ts";

/** Services other than chats, by what stands before the `://`. */
export const otherServices: Readonly<Record<string, Service>> = {
  ...pushServices,
  ...opsServices,
  mqtt: { create: mqttNotifier },
  mqtts: { create: mqttNotifier },
  smtp: { create: smtpNotifier },
};

import { smtpNotifier } from "../mail/smtp.ts";
import { opsServices } from "../ops/services.ts";
import { pushServices } from "../push/services.ts";
import type { Service } from "../service.ts";

/** Services other than chats, by what stands before the `://`. */
export const otherServices: Readonly<Record<string, Service>> = {
  ...pushServices,
  ...opsServices,
  smtp: { create: smtpNotifier },
};

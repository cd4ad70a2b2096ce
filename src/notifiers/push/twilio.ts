import { exchange, refusedBy } from "../exchange.ts";
import { formPost } from "../form.ts";
import { toEveryTarget } from "../every-target.ts";
import type { Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties } from "../url/properties.ts";
import { text } from "../url/property-types.ts";
import { pathParts, type ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";

const properties = { title: text() };

/** `twilio://accountSid:authToken@from/to[/to]`: short messages from a number, or from a messaging service `MG…`. */
export function twilioNotifier(url: ServiceUrl, { web }: ServiceParts): Notifier {
  const { title } = readProperties(url, properties);
  const { user: account = "", password: token = "", hostname: from } = url;
  const recipients = pathParts(url).filter((part) => part !== "");
  if (account === "") throw new UrlRefused("account SID missing from config URL");
  if (token === "") throw new UrlRefused("auth token missing from config URL");
  if (from === "") throw new UrlRefused("sender missing from config URL");
  if (recipients.length === 0) throw new UrlRefused("recipients missing from config URL");
  const credentials = `${encodeURIComponent(account)}:${encodeURIComponent(token)}`;
  const path = `/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`;
  const sender = from.startsWith("MG") ? { MessagingServiceSid: from } : { From: from };
  return {
    name: "twilio",
    send: (message, sending) =>
      toEveryTarget(
        recipients,
        async (to) => {
          const fields = { To: to, Body: title === "" ? message : `${title}\n${message}`, ...sender };
          const post = formPost(`https://${credentials}@api.twilio.com${path}`, { fields });
          const answer = await exchange(post, { web, ...sending });
          if (answer.status >= 200 && answer.status < 300) return;
          throw refusedBy(answer, `failed to send twilio notification: status ${answer.status}`);
        },
        sending,
      ),
  };
}

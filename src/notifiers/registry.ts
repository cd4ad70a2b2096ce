import { chatServices } from "./chat/services.ts";
import type { Notifier } from "./notifier.ts";
import type { Service, ServiceParts } from "./service.ts";
import { otherServices } from "./services/services.ts";
import { lost } from "./url/lost.ts";
import { withoutSecrets } from "./url/redaction.ts";
import { parseServiceUrl, type ServiceUrl } from "./url/service-url.ts";
import { UrlRefused } from "./url/url-refused.ts";

/** Every service by what stands before the `://` of its URLs. */
const services: ReadonlyMap<string, Service> = new Map(Object.entries({ ...chatServices, ...otherServices }));

/** What may stand before the `://`. */
export const serviceNames: readonly string[] = Array.from(services.keys());

/** The notifier that a URL asks for. Throws `UrlRefused` where there is none. */
export function notifierFor(text: string, parts: ServiceParts): Notifier {
  const url = parseServiceUrl(text);
  const [name = "", ...rest] = url.scheme.split("+");
  const service = services.get(name);
  if (service === undefined) throw new UrlRefused(`unknown service ${JSON.stringify(name)}`);
  const create = rest.length === 0 ? service.create : service.createCustom;
  if (create === undefined) throw new UrlRefused(`custom URLs are not supported by '${name}' service`);
  return finished(create(url, parts), { url, warnings: lost(url, service) });
}

/** With what is to be said of every URL, and without what is to be said of none. */
function finished(
  notifier: Notifier,
  { url, warnings }: { readonly url: ServiceUrl; readonly warnings: readonly string[] },
): Notifier {
  const all = [...(notifier.warnings ?? []), ...warnings];
  return withoutSecrets({ ...notifier, ...(all.length > 0 && { warnings: all }) }, url);
}

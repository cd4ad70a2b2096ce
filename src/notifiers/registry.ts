import { chatServices } from "./chat/services.ts";
import type { Notifier } from "./notifier.ts";
import type { Service, ServiceParts } from "./service.ts";
import { otherServices } from "./services/services.ts";
import { lost } from "./url/lost.ts";
import { parseServiceUrl } from "./url/service-url.ts";
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
  if (rest.length === 0) return withWarnings(service.create(url, parts), lost(url, service));
  if (service.createCustom === undefined) throw new UrlRefused(`custom URLs are not supported by '${name}' service`);
  return withWarnings(service.createCustom(url, parts), lost(url, { reads: { query: "receiver's" } }));
}

function withWarnings(notifier: Notifier, more: readonly string[]): Notifier {
  return more.length === 0 ? notifier : { ...notifier, warnings: [...(notifier.warnings ?? []), ...more] };
}

import { StreamError } from "../../ports/stream.ts";
import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceParts } from "../service.ts";
import { readProperties, type Values } from "../url/properties.ts";
import { bool, choice, text } from "../url/property-types.ts";
import type { ServiceUrl } from "../url/service-url.ts";
import { UrlRefused } from "../url/url-refused.ts";
import { withoutEffect } from "../url/without-effect.ts";
import type { Publication } from "./packets.ts";
import { publishOnce } from "./session.ts";

const qualities = ["AtMostOnce", "AtLeastOnce", "ExactlyOnce"] as const;

const properties = {
  clientid: text(),
  qos: choice(qualities, {
    fallback: "AtMostOnce",
    synonyms: {
      "0": "AtMostOnce",
      "1": "AtLeastOnce",
      "2": "ExactlyOnce",
      at_most_once: "AtMostOnce",
      at_least_once: "AtLeastOnce",
      exactly_once: "ExactlyOnce",
    },
  }),
  retained: bool(false),
  cleansession: bool(true),
  disabletls: bool(false),
  disabletlsverification: bool(false),
};

type Settings = Values<typeof properties>;

/** `mqtt://[user[:password]@]host[:1883]/topic`, or `mqtts://` by TLS on port 8883: a message of MQTT 5. */
export function mqttNotifier(url: ServiceUrl, { openStream, random }: ServiceParts): Notifier {
  const set = readProperties(url, properties);
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const topic = url.path.replace(/^\//, "");
  if (hostname === "") throw new UrlRefused("host missing from config URL");
  if (topic === "") throw new UrlRefused("topic missing from config URL");
  if (/[+#]/.test(topic)) throw new UrlRefused("a topic to write to has no wildcards");
  const tls = tlsOf(url, set);
  const address = { hostname, port: Number(url.port || (tls === "none" ? 1883 : 8883)), tls } as const;
  return {
    name: `mqtt ${url.hostname}`,
    warnings: idleSettings(url, set),
    send: async (message, { signal }) => {
      // A broker throws out whoever comes under a name that is taken, and all daemons may speak at once.
      const clientId = set.clientid || `kured-${random.hex(8)}`;
      const login = { clientId, user: url.user, password: url.password, clean: set.cleansession };
      try {
        const stream = await openStream(address, { signal });
        try {
          await publishOnce(stream, login, publicationOf(message, { topic, set }));
        } finally {
          stream.close();
        }
      } catch (error) {
        if (error instanceof StreamError) throw new NotifyError(`failed to send mqtt notification: ${error.message}`);
        throw error;
      }
    },
  };
}

function publicationOf(message: string, { topic, set }: { topic: string; set: Settings }): Publication {
  const qos = ([0, 1, 2] as const)[qualities.indexOf(set.qos)] ?? 0;
  return { topic, text: message, qos, retained: set.retained };
}

function tlsOf({ scheme }: ServiceUrl, { disabletls, disabletlsverification }: Settings) {
  if (scheme === "mqtt" || disabletls) return "none";
  return disabletlsverification ? "unverified" : "verified";
}

function idleSettings(url: ServiceUrl, { disabletls }: Settings): readonly string[] {
  if (url.scheme === "mqtt") return withoutEffect(url, ["disabletlsverification"], "mqtt:// is not encrypted");
  return disabletls ? ["mqtts:// is not encrypted: disabletls says so"] : [];
}

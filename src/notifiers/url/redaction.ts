import { NotifyError, type Notifier } from "../notifier.ts";
import type { ServiceUrl } from "./service-url.ts";

/** The notifier, whose failures repeat nothing of its URL that may be a secret, whatever the service answers. */
export function withoutSecrets(notifier: Notifier, url: ServiceUrl): Notifier {
  const secrets = secretsOf(url, notifier.name);
  if (secrets.length === 0) return notifier;
  return {
    ...notifier,
    send: async (message, sending) => {
      try {
        await notifier.send(message, sending);
      } catch (error) {
        throw error instanceof NotifyError ? redacted(error, secrets) : error;
      }
    },
  };
}

function redacted({ message, final, retryAfterMs }: NotifyError, secrets: readonly string[]): NotifyError {
  const words = secrets.reduce((text, secret) => text.replaceAll(secret, "[…]"), message);
  return new NotifyError(words, { final, ...(retryAfterMs !== undefined && { retryAfterMs }) });
}

/** Longest first, so that what is left of one is not the end of another one. */
function secretsOf(url: ServiceUrl, name: string): readonly string[] {
  const { user = "", password = "", hostname, path, rawPath, query } = url;
  const words = [
    ...[path, rawPath].flatMap((whole) => [whole, ...whole.split("/")]).filter((word) => !plainWord.test(word)),
    // The token of some services stands where others have their host.
    ...(name.includes(hostname) ? [] : [hostname]),
    ...query.filter(([key]) => secretKeys.test(key)).map(([, value]) => value),
  ];
  const pieces = words.flatMap((word) => piecesOf(word).filter((piece) => !plainWord.test(piece)));
  const all = [...[user, password].flatMap(piecesOf), ...words, ...pieces];
  const secrets = all.flatMap((word) => [word, encodeURIComponent(word), JSON.stringify(word).slice(1, -1)]);
  return Array.from(new Set(secrets))
    .filter((secret) => secret.length >= lengthMin)
    .toSorted((left, right) => right.length - left.length);
}

/** A token of three parts, say, which a service may repeat one by one. */
function piecesOf(word: string): readonly string[] {
  return [word, ...word.split(/[-,:?&=/]/)];
}

/** What is shorter is a word of the language rather than a secret. */
const lengthMin = 6;

/** `webhook` or `services`: no token, and often a word of the message itself. */
const plainWord = /^\/?[A-Za-z]{1,15}$/;

const secretKeys = /key|token|secret|pass|sig|auth|host/i;

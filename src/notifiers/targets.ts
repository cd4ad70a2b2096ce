import { FileError, type Files } from "../ports/files.ts";
import { slackHook, type SlackHookOptions } from "./chat/slack-hook.ts";
import { NotifyError, type Notifier } from "./notifier.ts";
import { notifierFor } from "./registry.ts";
import type { ServiceParts } from "./service.ts";
import { withoutSecrets } from "./url/redaction.ts";
import { parseServiceUrl } from "./url/service-url.ts";
import { UrlRefused } from "./url/url-refused.ts";

/** What targets need beside what services do. */
export interface TargetParts extends ServiceParts {
  readonly files: Files;
}

/** A target, and why it does not work: never, or with a file as it is now. Nothing is sent then. */
export interface Target {
  readonly notifier: Notifier;
  readonly refused?: string;
}

/**
 * The targets of `--notify-url`: URLs with white space between them. A space that is not before the beginning of
 * another URL belongs to the one that it is in. `file:/path` is a file with one URL, read at each message; it is also
 * looked at now, so that what is wrong with it is known before somebody is to be told.
 */
export async function targetsOf(notifyUrl: string, parts: TargetParts): Promise<readonly Target[]> {
  return await Promise.all(urlsIn(notifyUrl).map((text) => targetOf(text, parts)));
}

function urlsIn(text: string): readonly string[] {
  return text
    .trim()
    .split(/\s+(?=[a-z][a-z0-9+.-]*:\/\/|file:)/i)
    .filter((url) => url !== "");
}

/** The target of `--slack-hook-url`. */
export function slackHookTarget(text: string, options: SlackHookOptions & { readonly parts: ServiceParts }): Target {
  return orRefused(() => withoutSecrets(slackHook(text, options), parseServiceUrl(text)));
}

async function targetOf(text: string, parts: TargetParts): Promise<Target> {
  const path = /^file:(?:\/\/)?(\/.*)$/s.exec(text)?.[1];
  if (path !== undefined) return await fileTarget(path, parts);
  return orRefused(() => notifierFor(text, parts));
}

function orRefused(create: () => Notifier): Target {
  try {
    return { notifier: create() };
  } catch (error) {
    if (!(error instanceof UrlRefused)) throw error;
    return { notifier: refusedNotifier(error.message), refused: error.message };
  }
}

/** Says at each message, as kured does, that nobody is told. */
function refusedNotifier(reason: string): Notifier {
  return { name: "unusable", send: () => Promise.reject(new NotifyError(reason, { final: true })) };
}

/** A Secret is mounted as a file, and a new one comes without a restart. */
async function fileTarget(path: string, parts: TargetParts): Promise<Target> {
  const name = `file:${path}`;
  const send: Notifier["send"] = async (message, sending) => {
    const notifier = await notifierIn(path, parts);
    await notifier.send(message, sending);
  };
  try {
    const { warnings = [] } = await notifierIn(path, parts);
    return { notifier: { name, send, warnings } };
  } catch (error) {
    if (!(error instanceof NotifyError)) throw error;
    return { notifier: { name, send }, refused: error.message };
  }
}

/** Rejects with a `NotifyError`. */
async function notifierIn(path: string, { files, ...parts }: TargetParts): Promise<Notifier> {
  try {
    const urls = urlsIn(await files.readText(path));
    if (urls.length > 1) throw new UrlRefused("more than one URL; give each a file of its own");
    return notifierFor(urls[0] ?? "", parts);
  } catch (error) {
    if (error instanceof UrlRefused) throw new NotifyError(`${path}: ${error.message}`, { final: true });
    if (error instanceof FileError) throw new NotifyError(error.message);
    throw error;
  }
}

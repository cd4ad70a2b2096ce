import { FileError, type Files } from "../ports/files.ts";
import { slackHook, type SlackHookOptions } from "./chat/slack-hook.ts";
import { NotifyError, type Notifier } from "./notifier.ts";
import { notifierFor } from "./registry.ts";
import type { ServiceParts } from "./service.ts";
import { UrlRefused } from "./url/url-refused.ts";

/** What targets need beside what services do. */
export interface TargetParts extends ServiceParts {
  readonly files: Files;
}

/** A target, and why it will never work; nothing is sent then. */
export interface Target {
  readonly notifier: Notifier;
  readonly refused?: string;
  /** It works, but perhaps not as it was meant: all of the notifier's warnings. */
  readonly warning?: string;
}

/**
 * The targets of `--notify-url`: URLs with white space between them. A space that is not before the beginning of
 * another URL belongs to the one that it is in. `file:/path` is a file with one URL, read at each message.
 */
export function targetsOf(notifyUrl: string, parts: TargetParts): readonly Target[] {
  return notifyUrl
    .trim()
    .split(/\s+(?=[a-z][a-z0-9+.-]*:\/\/|file:)/i)
    .filter((text) => text !== "")
    .map((text) => targetOf(text, parts));
}

/** The target of `--slack-hook-url`. */
export function slackHookTarget(text: string, options: SlackHookOptions & { readonly parts: ServiceParts }): Target {
  return orRefused(() => slackHook(text, options));
}

function targetOf(text: string, parts: TargetParts): Target {
  const path = /^file:(?:\/\/)?(\/.*)$/s.exec(text)?.[1];
  if (path !== undefined) return { notifier: fileNotifier(path, parts) };
  return orRefused(() => notifierFor(text, parts));
}

function orRefused(create: () => Notifier): Target {
  try {
    const notifier = create();
    const { warnings = [] } = notifier;
    return { notifier, ...(warnings.length > 0 && { warning: warnings.join("; ") }) };
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
function fileNotifier(path: string, parts: TargetParts): Notifier {
  return {
    name: `file:${path}`,
    send: async (message, options) => {
      const text = await readUrl(path, parts);
      try {
        await notifierFor(text, parts).send(message, options);
      } catch (error) {
        if (error instanceof UrlRefused) throw new NotifyError(`${path}: ${error.message}`, { final: true });
        throw error;
      }
    },
  };
}

async function readUrl(path: string, { files }: TargetParts): Promise<string> {
  try {
    return (await files.readText(path)).trim();
  } catch (error) {
    if (error instanceof FileError) throw new NotifyError(error.message);
    throw error;
  }
}

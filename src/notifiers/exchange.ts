import { WebError, type Web, type WebAnswer, type WebRequest } from "../ports/web.ts";
import { NotifyError } from "./notifier.ts";

/** One request to a service. Rejects with a `NotifyError` when no answer could be had. */
export async function exchange(
  request: WebRequest,
  { web, signal }: { readonly web: Web; readonly signal: AbortSignal },
): Promise<WebAnswer> {
  try {
    return await web(request, { signal });
  } catch (error) {
    if (error instanceof WebError) throw new NotifyError(error.message);
    throw error;
  }
}

/** A POST of JSON, encoded as Go does it. */
export function jsonPost(
  url: string,
  { body, headers = {} }: { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): WebRequest {
  return { method: "POST", url, headers: { "content-type": "application/json", ...headers }, body: goJson(body) };
}

/** JSON as Go's encoder writes it: in an HTML page it could not be taken for markup. `undefined` fields are absent. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, (mark) => {
    return `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The text, or `undefined` where it is empty: Go's `omitempty`. */
export function unlessEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}

/**
 * A refusal by its status: worth another try where the server was busy or broken, and pointless where the request
 * itself was wrong. `message` must hold nothing of what the server answered that could be a secret of ours.
 */
export function refusedBy({ status, headers }: WebAnswer, message: string): NotifyError {
  const passing = status < 400 || status >= 500 || status === 408 || status === 425 || status === 429;
  const seconds = /^\d{1,6}$/.exec(headers["retry-after"] ?? "")?.[0];
  return new NotifyError(message, {
    final: !passing,
    ...(seconds !== undefined && { retryAfterMs: Number(seconds) * 1_000 }),
  });
}

/** The answer's body as a JSON object; `undefined` where it is none. */
export function jsonObject({ body }: WebAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(Object.entries(value));
  } catch {
    return undefined;
  }
}

/** What a service says about its refusal, short and on one line; cut between words, since half a secret is one too. */
export function saying(words: unknown): string {
  const text = typeof words === "string" ? words : (JSON.stringify(words) ?? "");
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 200).replace(/\S*$/, "")}…`;
}

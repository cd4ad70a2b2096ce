import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { Credentials } from "./connection.ts";

/** A token that never changes. */
export function bearerToken(token: string): Credentials {
  return { authorization: async () => `Bearer ${token}` };
}

/**
 * A token from a file that somebody keeps fresh, as the kubelet does about once an hour for service accounts. Read
 * again after a minute and when the token was refused. A file that cannot be read now does no harm as long as there
 * is an earlier token.
 */
export function bearerTokenFile(
  path: string,
  { files, clock }: { readonly files: Files; readonly clock: Clock },
): Credentials {
  let known: { readonly value: string; readonly readAtMs: number } | undefined;
  return {
    authorization: async ({ refused }) => {
      const nowMs = clock.now().monotonicMs;
      if (known !== undefined && nowMs - known.readAtMs < rereadAfterMs && known.value !== refused) return known.value;
      try {
        const token = (await files.readText(path)).trim();
        if (!/^[\x21-\x7e]+$/.test(token)) throw new Error(`the token file ${path} holds no token`);
        known = { value: `Bearer ${token}`, readAtMs: nowMs };
      } catch (error) {
        if (known === undefined) throw error;
        known = { ...known, readAtMs: nowMs };
      }
      return known.value;
    },
  };
}

const rereadAfterMs = 60_000;

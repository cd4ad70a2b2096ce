import type { Answer } from "../answers.ts";
import type { Page } from "./requests.ts";

/**
 * All pages of a list, in one. A continue token lives for some minutes only; when it has expired the list starts
 * over, as what was read before is no longer one consistent state. After a few such starts the answer is `expired`.
 */
export async function listPages<T>(
  readPage: (next: string | undefined) => Promise<Answer<Page<T>>>,
): Promise<Answer<{ readonly items: readonly T[]; readonly resourceVersion: string }>> {
  for (let start = 1; ; start++) {
    const answer = await readFromStart(readPage);
    if (answer.kind !== "expired" || start === maxStarts) return answer;
  }
}

const maxStarts = 4;
/** At 500 objects a page five million objects; a server that goes on beyond that is not one. */
const maxPages = 10_000;

async function readFromStart<T>(
  readPage: (next: string | undefined) => Promise<Answer<Page<T>>>,
): Promise<Answer<{ readonly items: readonly T[]; readonly resourceVersion: string }>> {
  const items: T[] = [];
  let next: string | undefined;
  for (let page = 1; page <= maxPages; page++) {
    const answer = await readPage(next);
    if (answer.kind !== "ok") return answer;
    const { value } = answer;
    for (const item of value.items) items.push(item);
    if (value.next === undefined) return { kind: "ok", value: { items, resourceVersion: value.resourceVersion } };
    if (value.next === next) break;
    next = value.next;
  }
  return { kind: "malformed", message: "a list does not come to its end", excerpt: next ?? "" };
}

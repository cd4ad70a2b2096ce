import type { Answer } from "../answers.ts";
import type { Page } from "./requests.ts";

/**
 * All pages of a list, in one. A continue token lives for some minutes only; when it has expired the list starts
 * over, as what was read before is no longer one consistent state. After a few such starts the answer is `expired`.
 * Beyond `maxObjects` it is `malformed`: a server that goes on so long is not one.
 */
export async function listPages<T>(
  readPage: ReadPage<T>,
  options: { readonly maxObjects: number },
): Promise<Answer<{ readonly items: readonly T[]; readonly resourceVersion: string }>> {
  for (let start = 1; ; start++) {
    const answer = await readFromStart(readPage, options);
    if (answer.kind !== "expired" || start === maxStarts) return answer;
  }
}

const maxStarts = 4;
/** Of pages that may be empty. */
const maxPages = 10_000;

type ReadPage<T> = (next: string | undefined) => Promise<Answer<Page<T>>>;

async function readFromStart<T>(
  readPage: ReadPage<T>,
  { maxObjects }: { readonly maxObjects: number },
): Promise<Answer<{ readonly items: readonly T[]; readonly resourceVersion: string }>> {
  const items: T[] = [];
  let next: string | undefined;
  for (let page = 1; page <= maxPages; page++) {
    const answer = await readPage(next);
    if (answer.kind !== "ok") return answer;
    const { value } = answer;
    for (const item of value.items) items.push(item);
    if (items.length > maxObjects) break;
    if (value.next === undefined) return { kind: "ok", value: { items, resourceVersion: value.resourceVersion } };
    if (value.next === next) break;
    next = value.next;
  }
  return { kind: "malformed", message: "a list does not come to its end", excerpt: next ?? "" };
}

/** What identifies one state of one object. */
export interface Versioned {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Versions of one object grow, so that an event that comes late does not undo the answer to our own write. */
export function isOlder(next: Versioned, known: Versioned | undefined): boolean {
  if (known === undefined || known.uid !== next.uid) return false;
  const [before, after] = [Number(known.resourceVersion), Number(next.resourceVersion)];
  return Number.isSafeInteger(before) && Number.isSafeInteger(after) && after < before;
}

/** Whether the state is the one that is known already. */
export function isSame(next: Versioned, known: Versioned | undefined): boolean {
  return known?.uid === next.uid && known.resourceVersion === next.resourceVersion;
}

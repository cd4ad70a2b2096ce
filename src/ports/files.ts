/** Reading the host's files. All paths are absolute. */
export interface Files {
  /** The whole file as UTF-8 text; rejects with a `FileError`. */
  readText(path: string): Promise<string>;
  /** Follows symbolic links; any kind of file exists. Never rejects: what hides the answer is part of it. */
  look(path: string): Promise<FileLook>;
  /**
   * Calls `changed` soon after something may have changed at `path`: created, removed, replaced, written, also
   * when its folder does not exist yet or is itself replaced. May call too often, never promises to call at all
   * (some file systems do not tell), so callers look now and then as well. Stops when `signal` aborts.
   */
  watch(path: string, options: { readonly changed: () => void; readonly signal: AbortSignal }): void;
}

/** What can be seen of a path. */
export type FileLook =
  /** Something is there. */
  | { readonly kind: "present" }
  /** Surely nothing is there (ENOENT, ENOTDIR). */
  | { readonly kind: "absent" }
  /** It could not be seen, for example for lack of permission; `reason` is for people. */
  | { readonly kind: "unreadable"; readonly reason: string };

/** A file could not be read; `code` is the system's, such as `ENOENT`. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: string;
  constructor(message: string, options: { readonly code: string }) {
    super(message);
    this.code = options.code;
  }
}

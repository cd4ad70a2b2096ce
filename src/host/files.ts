import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../ports/clock.ts";
import { FileError } from "../ports/files.ts";
import type { FileLook, Files } from "../ports/files.ts";
import { watchPath } from "./watch.ts";

/** The files that this process sees. `clock` is for renewing watches. */
export function machineFiles({ clock }: { readonly clock: Clock }): Files {
  return {
    readText,
    look,
    watch: (path, { changed, signal }) => watchPath(path, { changed, signal, clock }),
  };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = failure(error);
    throw new FileError(message, { code });
  }
}

async function look(path: string): Promise<FileLook> {
  try {
    await stat(path);
    return { kind: "present" };
  } catch (error) {
    const { code, message } = failure(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
    return { kind: "unreadable", reason: message };
  }
}

function failure(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: "UNKNOWN", message: String(error) };
  return { code: "code" in error ? String(error.code) : "UNKNOWN", message: error.message };
}

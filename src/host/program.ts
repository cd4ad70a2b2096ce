import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Where a program is, or why it cannot be run; `code` is the system's, such as `ENOENT`. */
export type ProgramSearch =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly code: string; readonly reason: string };

/** Finds a program as `execvp` does: a name with a slash is a path, any other is looked up in PATH. */
export async function findProgram(name: string): Promise<ProgramSearch> {
  if (name.includes("/")) return runnable(name);
  const folders = (process.env["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(
    delimiter,
  );
  let refused: ProgramSearch | undefined;
  for (const folder of name === "" ? [] : folders) {
    const search = await runnable(join(folder, name));
    if (search.kind === "found") return search;
    if (search.code === "EACCES") refused ??= search;
  }
  return refused ?? { kind: "missing", code: "ENOENT", reason: `no program ${JSON.stringify(name)} in PATH` };
}

async function runnable(path: string): Promise<ProgramSearch> {
  try {
    if (!(await stat(path)).isFile()) return { kind: "missing", code: "EACCES", reason: `${path} is not a file` };
    await access(path, constants.X_OK);
    return { kind: "found", path };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "UNKNOWN";
    return { kind: "missing", code, reason: reasonOf(code, path) };
  }
}

function reasonOf(code: string, path: string): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `${path} does not exist`;
    case "EACCES":
      return `${path} is not executable`;
    default:
      return `${path} cannot be run: ${code}`;
  }
}

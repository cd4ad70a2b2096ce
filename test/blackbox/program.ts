import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { CONTAINER_SCRIPT } from "../controlplane/host/scripts.ts";
import { runToEnd, type ProgramEnd } from "../controlplane/processes.ts";

/** The built artefact under test, by path (`KURED_BIN`). */
export function programUnderTest(): string {
  const given = process.env["KURED_BIN"] ?? "dist/kured";
  return isAbsolute(given) ? given : resolve(given);
}

/** How the program is run to its end. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** What lies in the service account's folder; without it the folder is as it is on this machine. */
  readonly account?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs it with nothing in its environment but PATH and what is given. Twenty seconds, then it is killed. */
export async function run(
  args: readonly string[],
  { environment = {}, account, signal }: RunOptions,
): Promise<ProgramEnd> {
  const env = { PATH: process.env["PATH"] ?? "", ...environment };
  const limit = ["timeout", "--signal=KILL", "20"] as const;
  if (account === undefined)
    return await runToEnd([...limit, programUnderTest(), ...args], { environment: env, signal });
  const folder = await mkdtemp(join(tmpdir(), "kured-account-"));
  try {
    const files = { ...account, ".container": CONTAINER_SCRIPT };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o755 });
    const contain = ["unshare", "--mount", "--propagation", "private", "--", join(folder, ".container"), folder];
    return await runToEnd([...limit, ...contain, programUnderTest(), ...args], { environment: env, signal });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The lines of a log in kured's text form, each in its parts. Throws at a line that is none. */
export function logLines(text: string): readonly { readonly level: string; readonly message: string }[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [, level, quoted, bare] =
        /^time="[^"]+" level=([a-z]+)(?: msg=(?:("(?:[^"\\]|\\.)*")|(\S+)))?$/.exec(line) ?? [];
      if (level === undefined) throw new Error(`Not a log line: ${JSON.stringify(line)}`);
      return { level, message: quoted === undefined ? (bare ?? "") : quoted.slice(1, -1) };
    });
}

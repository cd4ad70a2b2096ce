import { inHostMounts, nsenterRefusal } from "../core/host/mount-namespace.ts";
import type { CommandEnd, Commands } from "../ports/commands.ts";
import type { RebooterAvailability } from "./rebooter.ts";

const timeoutMs = 30_000;

/** What `findOnHost` looks with. */
export interface HostSearch {
  readonly commands: Commands;
  readonly searchPath: string;
  readonly signal: AbortSignal;
}

/**
 * Whether a program is there for us on the host, asked with `test -x` in its mount namespace and without a shell.
 * A host without `test` is one that cannot be asked.
 */
export async function findOnHost(
  program: string,
  { commands, searchPath, signal }: HostSearch,
): Promise<RebooterAvailability> {
  for (const path of candidates(program, searchPath)) {
    const end = await commands.run(inHostMounts(["test", "-x", path]), { timeoutMs, signal });
    const failure = failureOf(end);
    if (failure !== undefined) return failure;
    if (end.kind === "exited" && end.code === 0) return { kind: "available" };
  }
  const where = program.includes("/") ? "" : ` in any folder of PATH (${searchPath})`;
  return { kind: "missing", reason: `the host has no executable program ${program}${where}` };
}

function candidates(program: string, searchPath: string): readonly string[] {
  if (program.includes("/")) return [program];
  const folders = searchPath.split(":").filter((folder) => folder !== "");
  return folders.map((folder) => `${folder}/${program}`);
}

/** What keeps `test` from being an answer; without nsenter's help no command on the host can work at all. */
function failureOf(end: CommandEnd): RebooterAvailability | undefined {
  switch (end.kind) {
    case "notStarted":
      return { kind: "missing", reason: end.reason };
    case "timedOut":
      return { kind: "unknown", reason: `the host gave no answer within ${end.afterMs / 1000} s` };
    case "signalled":
      return { kind: "unknown", reason: `the look at the host was ended by ${end.signal}` };
    case "exited": {
      const refusal = nsenterRefusal(end.stderr);
      if (end.code === 1 && refusal !== undefined) {
        return { kind: "missing", reason: `the host's mount namespace cannot be entered: ${refusal}` };
      }
      if (end.code <= 1) return undefined;
      return { kind: "unknown", reason: refusal ?? `the look at the host ended with exit code ${end.code}` };
    }
  }
}

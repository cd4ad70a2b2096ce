import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { machineClock } from "../../src/host/clock.ts";
import { machineFiles } from "../../src/host/files.ts";
import type { Files } from "../../src/ports/files.ts";

/** A temporary folder that stands for the root of a machine, for the length of a test. */
export interface TestFolder {
  readonly path: string;
  /** The machine's files as a process would see them whose root this folder is. */
  readonly files: Files;
  write(path: string, text: string): Promise<void>;
}

/** Makes one. */
export async function testFolder(t: TestContext): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), "kured-kube-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  const files = machineFiles({ clock: machineClock() });
  return {
    path,
    files: {
      ...files,
      readText: (name) => files.readText(join(path, name)),
      look: (name) => files.look(join(path, name)),
    },
    write: async (name, text) => {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    },
  };
}

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FileError } from "../ports/files.ts";
import { machineClock } from "./clock.ts";
import { machineFiles } from "./files.ts";

const clock = machineClock();
const files = machineFiles({ clock });

test("a file's text is read as UTF-8, and a failure has the system's code", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "token"), "tökén\n");
    assert.equal(await files.readText(join(folder, "token")), "tökén\n");
    await assert.rejects(files.readText(join(folder, "nothing")), (error) => {
      assert.ok(error instanceof FileError);
      assert.equal(error.code, "ENOENT");
      return true;
    });
    await assert.rejects(files.readText(folder), FileError);
  });
});

test("files, folders and links to them are present; what is not there and what hangs in the air is absent", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "file"), "");
    await symlink(join(folder, "file"), join(folder, "link"));
    await symlink(join(folder, "nothing"), join(folder, "dangling"));
    for (const name of ["file", "link", "."])
      assert.deepEqual(await files.look(join(folder, name)), { kind: "present" });
    for (const name of ["nothing", "dangling", "no/such/folder", "file/below"]) {
      assert.deepEqual(await files.look(join(folder, name)), { kind: "absent" });
    }
  });
});

test("what cannot be seen is unreadable, not absent", async () => {
  await withFolder(async (folder) => {
    await symlink("loop", join(folder, "loop"));
    const look = await files.look(join(folder, "loop"));
    assert.equal(look.kind, "unreadable");
    if (look.kind === "unreadable") assert.match(look.reason, /ELOOP/);
    assert.equal((await files.look(join(folder, "n".repeat(300)))).kind, "unreadable");
  });
});

test("a file that appears in, is written to and disappears from a watched folder is noticed each time", async () => {
  await watching("reboot-required", async ({ path, noticed }) => {
    await noticed(() => writeFile(path, ""));
    await noticed(() => writeFile(path, "force"));
    await noticed(() => unlink(path));
  });
});

test("a file is noticed although its folders did not exist when the watch began", async () => {
  await watching("a/b/c/reboot-required", async ({ path, noticed, folder }) => {
    await noticed(() => mkdir(join(folder, "a/b"), { recursive: true }));
    await noticed(() => mkdir(join(folder, "a/b/c")));
    await noticed(() => writeFile(path, ""));
  });
});

test("a file is noticed when its folders and itself are made in one go", async () => {
  await watching("a/b/c/reboot-required", async ({ path, noticed, folder }) => {
    await noticed(async () => {
      await mkdir(join(folder, "a/b/c"), { recursive: true });
      await writeFile(path, "");
    });
  });
});

test("a file is noticed after its folder, or one further up, was removed or replaced", async () => {
  await watching("a/b/reboot-required", async ({ path, noticed, folder }) => {
    await noticed(() => mkdir(join(folder, "a/b"), { recursive: true }));
    await noticed(() => rm(join(folder, "a"), { recursive: true }));
    await noticed(() => mkdir(join(folder, "a/b"), { recursive: true }));
    await noticed(() => rename(join(folder, "a"), join(folder, "old")));
    await mkdir(join(folder, "new/b"), { recursive: true });
    await writeFile(join(folder, "new/b/reboot-required"), "");
    await noticed(() => rename(join(folder, "new"), join(folder, "a")));
    await noticed(() => unlink(path));
  });
});

test("a file behind a linked folder is noticed, also when the link is turned elsewhere", async () => {
  await watching("run/reboot-required", async ({ path, noticed, folder }) => {
    await mkdir(join(folder, "one"));
    await mkdir(join(folder, "two"));
    await noticed(() => symlink(join(folder, "one"), join(folder, "run")));
    await noticed(() => writeFile(path, ""));
    await symlink(join(folder, "two"), join(folder, "run.new"));
    await noticed(() => rename(join(folder, "run.new"), join(folder, "run")));
    await noticed(() => writeFile(join(folder, "two/reboot-required"), ""));
  });
});

test("a token that kubelet replaces by swapping the volume's link is noticed", async () => {
  await watching("volume/token", async ({ path, noticed, folder }) => {
    await mkdir(join(folder, "volume"));
    for (const version of ["..1", "..2"]) {
      await mkdir(join(folder, "volume", version));
      await writeFile(join(folder, "volume", version, "token"), version);
    }
    await symlink("..data/token", path);
    await noticed(() => symlink("..1", join(folder, "volume/..data")));
    await symlink("..2", join(folder, "volume/..data_tmp"));
    await noticed(() => rename(join(folder, "volume/..data_tmp"), join(folder, "volume/..data")));
    assert.equal(await files.readText(path), "..2");
  });
});

test("what happens to other files of the folder is not told", async () => {
  await watching("reboot-required", async ({ count, folder }) => {
    for (let n = 0; n < 50; n++) await writeFile(join(folder, `other-${n}`), "");
    await clock.sleep(100, { signal: new AbortController().signal });
    assert.equal(count(), 0);
  });
});

test("after the abort nothing is told and no listener is left", async () => {
  await withFolder(async (folder) => {
    const controller = new AbortController();
    let count = 0;
    files.watch(join(folder, "f"), { changed: () => count++, signal: controller.signal });
    controller.abort();
    await writeFile(join(folder, "f"), "");
    await clock.sleep(100, { signal: new AbortController().signal });
    assert.equal(count, 0);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    files.watch(join(folder, "f"), { changed: () => count++, signal: controller.signal });
  });
});

interface Watched {
  readonly folder: string;
  readonly path: string;
  readonly count: () => number;
  /** Acts, then waits until the watch has told of it and has become quiet again. */
  readonly noticed: (act: () => Promise<unknown>) => Promise<void>;
}

async function watching(name: string, use: (watched: Watched) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const controller = new AbortController();
    const { signal } = controller;
    let count = 0;
    files.watch(join(folder, name), { changed: () => count++, signal });
    const noticed = async (act: () => Promise<unknown>): Promise<void> => {
      const before = count;
      await act();
      for (let turn = 0; count === before; turn++) {
        assert.ok(turn < 200, `not noticed: ${String(act)}`);
        await clock.sleep(5, { signal });
      }
      for (let last = -1; last !== count; await clock.sleep(20, { signal })) last = count;
    };
    try {
      await use({ folder, path: join(folder, name), count: () => count, noticed });
    } finally {
      controller.abort();
    }
  });
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kured-files-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

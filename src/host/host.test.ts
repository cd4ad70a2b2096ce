import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { machineHost } from "./host.ts";

const stat = "1 (a) b ) c) S 0 1 1 0 -1 4194560 33 44 55 66 7 8 9 10 20 0 1 0 4321 170000 3000 18446744073709551615\n";

test("this machine's boot identity is the kernel's boot ID", async () => {
  const { kernelBootId } = await machineHost().bootIdentity();
  assert.equal(kernelBootId, (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim());
});

test("PID 1's start time counts where PID 1 is the node's", async () => {
  await withFiles(
    {
      "sys/kernel/random/boot_id": "b-1\n",
      "self/cgroup": "0::/\n",
      "1/cgroup": "0::/../../../../init.scope\n",
      "1/stat": stat,
    },
    async (proc) => {
      assert.deepEqual(await machineHost({ proc }).bootIdentity(), { kernelBootId: "b-1", initStartTicks: "4321" });
    },
  );
});

test("PID 1's start time does not count where PID 1 may be a container's", async () => {
  const bootId = { "sys/kernel/random/boot_id": "b-1\n" };
  await withFiles({ ...bootId, "self/cgroup": "0::/\n", "1/cgroup": "0::/\n", "1/stat": stat }, async (proc) =>
    assert.deepEqual(await machineHost({ proc }).bootIdentity(), { kernelBootId: "b-1" }),
  );
  await withFiles(bootId, async (proc) => {
    assert.deepEqual(await machineHost({ proc }).bootIdentity(), { kernelBootId: "b-1" });
  });
});

test("this machine booted when the kernel says, and before now", async () => {
  const bootedAtMs = (await machineHost().bootedAtMs()) ?? NaN;
  const uptimeMs = Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]) * 1_000;
  // No earlier than the kernel did, whose own second is rounded; its PID 1 may be a container's and younger.
  assert.ok(bootedAtMs > Date.now() - uptimeMs - 2_000 && bootedAtMs <= Date.now(), String(bootedAtMs));
});

test("a machine's boot began with its PID 1, which is the node's or else not counted", async () => {
  const kernel = { stat: "cpu  1 2 3\nbtime 1700000000\nprocesses 4\n", "1/stat": stat, "self/cgroup": "0::/\n" };
  await withFiles({ ...kernel, "1/cgroup": "0::/../../../../init.scope\n" }, async (proc) =>
    assert.equal(await machineHost({ proc }).bootedAtMs(), 1_700_000_043_210),
  );
  await withFiles({ ...kernel, "1/cgroup": "0::/\n" }, async (proc) =>
    assert.equal(await machineHost({ proc }).bootedAtMs(), 1_700_000_000_000),
  );
  await withFiles({ stat: "cpu  1 2 3\n" }, async (proc) =>
    assert.equal(await machineHost({ proc }).bootedAtMs(), undefined),
  );
});

test("a simulated host booted when its boot identity file was written", async () => {
  await withFiles({ boot: "simulated 7\n" }, async (folder) => {
    const bootIdFile = join(folder, "boot");
    await utimes(bootIdFile, 1_700_000_000, 1_700_000_000);
    assert.equal(await machineHost({ bootIdFile }).bootedAtMs(), 1_700_000_000_000);
    assert.equal(await machineHost({ bootIdFile: join(folder, "none") }).bootedAtMs(), undefined);
  });
});

test("a boot identity file is the whole identity of a simulated host", async () => {
  await withFiles({ boot: "  simulated 7\n", empty: "\n" }, async (folder) => {
    const host = machineHost({ bootIdFile: join(folder, "boot") });
    assert.deepEqual(await host.bootIdentity(), { kernelBootId: "simulated 7" });
    await writeFile(join(folder, "boot"), "simulated 8\n");
    assert.deepEqual(await host.bootIdentity(), { kernelBootId: "simulated 8" });
    await assert.rejects(machineHost({ bootIdFile: join(folder, "empty") }).bootIdentity(), /no boot ID in .*empty/);
    await assert.rejects(machineHost({ bootIdFile: join(folder, "none") }).bootIdentity(), /ENOENT/);
  });
});

test("the signal reaches the PID 1 of the process's own PID namespace, real-time or not", async () => {
  const program = `
    const { machineHost } = await import(${JSON.stringify(join(import.meta.dirname, "host.ts"))});
    await machineHost().signalInit(0);
    await machineHost().signalInit(39);`;
  const init = `trap 'echo rebooting; exit 0' 39; "$@" & wait; wait`;
  const { code, stdout } = await underInit(["/bin/sh", "-c", init, "sh", process.execPath, "-e", program]);
  assert.equal(stdout, "rebooting\n");
  assert.equal(code, 0);
});

test("kured that is PID 1 itself refuses to signal itself and says what its pod lacks", async () => {
  const program = `
    const { machineHost } = await import(${JSON.stringify(join(import.meta.dirname, "host.ts"))});
    await machineHost().signalInit(39).catch((error) => console.log(error.message));`;
  const { stdout } = await underInit([process.execPath, "-e", program]);
  assert.equal(stdout, "PID 1 is kured itself: its pod needs hostPID: true\n");
});

/** Runs a program as PID 1 of a PID namespace of its own. */
async function underInit(argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  const child = spawn("unshare", ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc", ...argv], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = await once(child, "close");
  return { code, stdout };
}

async function withFiles(
  texts: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kured-host-"));
  try {
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

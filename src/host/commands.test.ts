import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { machineClock } from "./clock.ts";
import { machineCommands } from "./commands.ts";

const clock = machineClock();
const commands = machineCommands({ clock });
const { signal } = new AbortController();
const soon = { timeoutMs: 10_000, signal };

function sh(script: string): [string, ...string[]] {
  return ["/bin/sh", "-c", script];
}

test("a command's exit code and both its outputs are told", async () => {
  const end = await commands.run(sh("echo out; echo err >&2; exit 3"), soon);
  assert.deepEqual(end, { kind: "exited", code: 3, stdout: "out\n", stderr: "err\n" });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("a command found in PATH is the program, never a word of the shell", async () => {
  const end = await commands.run(["echo", "$HOME", "a  b", "*"], soon);
  assert.deepEqual(end, { kind: "exited", code: 0, stdout: "$HOME a  b *\n", stderr: "" });
  assert.equal((await commands.run(["exit", "0"], soon)).kind, "notStarted");
});

test("a command reads nothing and inherits no descriptor of ours beside its outputs", async () => {
  const end = await commands.run(sh("cat; for n in 3 4; do test -e /proc/self/fd/$n && echo $n; done; exit 0"), soon);
  assert.deepEqual(end, { kind: "exited", code: 0, stdout: "", stderr: "" });
});

for (const [number, name] of [
  [9, "SIGKILL"],
  [15, "SIGTERM"],
  [11, "SIGSEGV"],
  [34, "SIGRTMIN"],
  [39, "SIGRTMIN+5"],
  [64, "SIGRTMIN+30"],
] as const) {
  test(`a command killed by signal ${number} has not exited with 0`, async () => {
    const end = await commands.run(sh(`echo before; kill -${number} $$`), soon);
    assert.deepEqual(end, { kind: "signalled", signal: name, stdout: "before\n", stderr: "" });
  });
}

test("a real-time signal to the whole group has not made the command exit with 0", async () => {
  const end = await commands.run(sh("kill -39 0; sleep 5"), soon);
  assert.equal(end.kind, "signalled");
});

test("exit codes above 192 are exit codes", async () => {
  const end = await commands.run(sh("exit 255"), soon);
  assert.deepEqual(end, { kind: "exited", code: 255, stdout: "", stderr: "" });
});

test("a program that does not exist is named as not started", async () => {
  const end = await commands.run(["/sbin/no-such-systemctl", "reboot"], soon);
  assert.deepEqual(end, { kind: "notStarted", code: "ENOENT", reason: "/sbin/no-such-systemctl does not exist" });
  const unnamed = await commands.run(["no-such-systemctl"], soon);
  assert.deepEqual(unnamed, { kind: "notStarted", code: "ENOENT", reason: 'no program "no-such-systemctl" in PATH' });
  assert.equal((await commands.run(["/etc/passwd"], soon)).kind, "notStarted");
  assert.equal((await commands.run(["/bin"], soon)).kind, "notStarted");
  assert.equal((await commands.run([""], soon)).kind, "notStarted");
  assert.equal((await commands.run(["/bin/echo", "a\0b"], soon)).kind, "notStarted");
});

test("output is cut after 64 KiB and the command still comes to its end", async () => {
  const end = await commands.run(sh("head -c 300000 /dev/zero | tr '\\0' x; echo done >&2"), soon);
  assert.equal(end.kind, "exited");
  if (end.kind !== "exited") return;
  assert.equal(end.stdout.length, 64 * 1024);
  assert.equal(end.stderr, "done\n");
});

test("a command that takes too long gets SIGTERM first and says what it said until then", async () => {
  const started = clock.now().monotonicMs;
  const end = await commands.run(sh("trap 'echo told; exit 0' TERM; echo begun; sleep 60 & wait"), {
    // Long enough for a busy machine to start it: a command that begins after the SIGTERM never hears it.
    timeoutMs: 1_000,
    signal,
  });
  assert.deepEqual(end, { kind: "timedOut", afterMs: 1_000, stdout: "begun\ntold\n", stderr: "" });
  assert.ok(clock.now().monotonicMs - started < 4_000);
});

test("a command that ignores SIGTERM is killed when its grace is over, with all that it started", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "pids");
    const script = `trap '' TERM; sleep 61 & echo $$ $! > ${file}; while :; do sleep 1; done`;
    const started = clock.now().monotonicMs;
    const end = await machineCommands({ clock, graceMs: 400 }).run(sh(script), { timeoutMs: 500, signal });
    const tookMs = clock.now().monotonicMs - started;
    assert.equal(end.kind, "timedOut");
    assert.ok(tookMs >= 900 && tookMs < 5_000, `took ${tookMs} ms`);
    await allGone(file);
  });
});

test("an abort ends the command and its children, then rejects with the reason", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "pids");
    const controller = new AbortController();
    const running = commands.run(sh(`sleep 62 & echo $$ $! > ${file}; wait`), {
      timeoutMs: 60_000,
      signal: controller.signal,
    });
    while ((await readFile(file, "utf8").catch(() => "")) === "") await clock.sleep(10, { signal });
    const reason = new Error("SIGTERM");
    controller.abort(reason);
    await assert.rejects(running, (error) => error === reason);
    await allGone(file);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    await assert.rejects(
      commands.run(["echo"], { timeoutMs: 1, signal: controller.signal }),
      (error) => error === reason,
    );
  });
});

test("a command that leaves something running in the background ends when it ends", async () => {
  const started = clock.now().monotonicMs;
  const end = await commands.run(sh("sleep 3 & echo on its way"), soon);
  assert.deepEqual(end, { kind: "exited", code: 0, stdout: "on its way\n", stderr: "" });
  assert.ok(clock.now().monotonicMs - started < 2_000);
});

test("a time limit without end is no limit", async () => {
  const end = await commands.run(["echo"], { timeoutMs: Number.POSITIVE_INFINITY, signal });
  assert.equal(end.kind, "exited");
});

test("without a shell commands run all the same", async () => {
  const bare = machineCommands({ clock, shell: "/no/such/shell" });
  assert.deepEqual(await bare.run(["echo", "on"], soon), { kind: "exited", code: 0, stdout: "on\n", stderr: "" });
  const left = await bare.run(sh("sleep 3 & echo left"), { timeoutMs: 2_000, signal });
  assert.deepEqual(left, { kind: "exited", code: 0, stdout: "left\n", stderr: "" });
  const killed = await bare.run(sh("kill -9 $$"), soon);
  assert.deepEqual(killed, { kind: "signalled", signal: "SIGKILL", stdout: "", stderr: "" });
});

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kured-commands-"));
  try {
    await writeFile(join(folder, "pids"), "");
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Every process whose number is in `file` is gone or waits only to be collected by its new parent. */
async function allGone(file: string): Promise<void> {
  for (const pid of (await readFile(file, "utf8")).trim().split(/\s+/)) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone");
    assert.match(stat, /^gone$|\) Z /);
  }
}

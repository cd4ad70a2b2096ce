import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { machineFiles } from "../host/files.ts";
import { startUnsharedHost } from "../host/unshared.ts";
import type { UnsharedHost } from "../host/unshared.ts";
import type { CommandEnd } from "../ports/commands.ts";
import { readCommandEnd } from "./command-end.ts";
import { sentinelFor } from "./registry.ts";
import type { SentinelOptions } from "./registry.ts";
import type { Sentinel, SentinelReading } from "./sentinel.ts";

const clock = machineClock();
const files = machineFiles({ clock });
const { signal } = new AbortController();

let host: UnsharedHost;
before(async () => {
  host = await startUnsharedHost({ clock });
});
after(() => host.stop());

function sentinel(options: SentinelOptions): Sentinel {
  return sentinelFor(options, { files, commands: host.container });
}

function run(...words: [string, ...string[]]): Promise<SentinelReading> {
  return sentinel({ kind: "command", words, timeoutMs: 20_000 }).check({ signal });
}

test("a file sentinel counts folders and links, and says so when its folder was never mounted", async () => {
  await mkdir(join(host.seenFolder, "folder"));
  await symlink("folder", join(host.seenFolder, "link"));
  for (const name of ["folder", "link"]) {
    const path = join(host.seenFolder, name);
    assert.equal((await sentinel({ kind: "file", path }).check({ signal })).need, "required");
  }
  assert.deepEqual(await sentinel({ kind: "file", path: "/sentinel-not-mounted/reboot-required" }).check({ signal }), {
    need: "notRequired",
    evidence:
      "/sentinel-not-mounted/reboot-required does not exist, nor does its folder /sentinel-not-mounted: is the host's folder mounted there?",
    log: [
      {
        level: "warning",
        message:
          "Sentinel /sentinel-not-mounted/reboot-required does not exist, nor does its folder /sentinel-not-mounted: is the host's folder mounted there?",
      },
    ],
  });
});

test("a sentinel file in our own file system counts although its folder is not the host's, as kured has it", async () => {
  const path = join(host.folder, "mine");
  await writeFile(path, "");
  const reading = await sentinel({ kind: "anywhereFile", path }).check({ signal });
  assert.deepEqual([reading.need, reading.evidence], ["required", `${path} exists`]);
  await rm(path);
  const later = await sentinel({ kind: "anywhereFile", path }).check({ signal });
  assert.deepEqual([later.need, later.evidence], ["notRequired", `${path} does not exist on the host`]);
});

test("where the sentinel's folder is mounted, the host is not asked in another way", async () => {
  const refusing = sentinelFor(
    { kind: "anywhereFile", path: "/proc/sys/kernel/reboot-required" },
    { files, commands: { run: () => Promise.reject(new Error("asked")) } },
  );
  assert.equal((await refusing.check({ signal })).need, "notRequired");
});

test("a sentinel on a host that lacks even the folder is not required, and the log says what was looked at", async () => {
  const path = join(host.folder, "no/reboot-required");
  const reading = await sentinel({ kind: "hostFile", path }).check({ signal });
  assert.equal(reading.need, "notRequired");
  assert.equal(reading.log[0]?.message, `Sentinel ${path} does not exist on the host, nor does its folder`);
});

test("a file that appears on the host is noticed at once by a watch through a process's root", async () => {
  const path = join(host.seenFolder, "noticed");
  const controller = new AbortController();
  let calls = 0;
  sentinel({ kind: "file", path }).watch?.({ changed: () => calls++, signal: controller.signal });
  await writeFile(path, "");
  for (let turn = 0; calls === 0; turn++) {
    assert.ok(turn < 200);
    await clock.sleep(5, { signal });
  }
  controller.abort();
});

test("a sentinel command's exit codes mean what kured's documentation says, in kured's log lines", async () => {
  const required = await run("sh", "-c", "echo kernel; echo glibc >&2; exit 0");
  const argv = "/usr/bin/nsenter -m/proc/1/ns/mnt -- sh -c echo kernel; echo glibc >&2; exit";
  assert.equal(required.need, "required");
  assert.deepEqual(required.log, [
    { level: "info", message: `checking if reboot is requiredcmd${argv} 0stdoutkernel\nstderrglibc\n` },
  ]);
  assert.equal(
    required.evidence,
    'sentinel command "sh -c echo kernel; echo glibc >&2; exit 0" on the host: exit code 0',
  );
  const notRequired = await run("false");
  assert.deepEqual([notRequired.need, notRequired.log], ["notRequired", []]);
  const odd = await run("sh", "-c", "echo no repository >&2; exit 2");
  assert.equal(odd.need, "unknown");
  assert.match(odd.evidence, /: unexpected exit code 2: no repository$/);
  assert.match(
    odd.log[0]?.message ?? "",
    /^sentinel command ended with unexpected exit code: 2cmd\/usr\/bin\/nsenter /,
  );
});

test("a sentinel command that does not exist on the host is unknown, not an answer", async () => {
  const missing = await run("needs-restarting-nowhere");
  assert.equal(missing.need, "unknown");
  assert.match(missing.evidence, /exit code 127: failed to execute needs-restarting-nowhere/);
  assert.equal((await run("/etc/passwd")).need, "unknown");
});

test('a tool that is missing behind "!" never makes a reboot required', async () => {
  for (const shell of ["sh", "bash", "/bin/dash"]) {
    for (const script of ["! needs-restarting-nowhere --reboothint", "! /no/such/needs-restarting", "! /etc/passwd"]) {
      const reading = await run(shell, "-c", script);
      assert.equal(reading.need, "unknown", `${shell} -c "${script}": ${reading.evidence}`);
      assert.match(reading.evidence, /"!" turns a failure into an answer: /);
    }
  }
});

test('"!" before a tool that is there works as people mean it', async () => {
  assert.equal((await run("sh", "-c", "! false")).need, "required");
  assert.equal((await run("sh", "-c", "! true")).need, "notRequired");
  const talkative = await run("sh", "-c", "! { echo 'repository base not found' >&2; false; }");
  assert.equal(talkative.need, "required", talkative.evidence);
});

test("a sentinel command killed by a real-time signal is unknown", async () => {
  const reading = await run("sh", "-c", "kill -39 $$");
  assert.equal(reading.need, "unknown");
  assert.match(reading.evidence, /: ended by SIGRTMIN\+5$/);
  assert.match(reading.log[0]?.message ?? "", /^sentinel command ended with unexpected exit code: -1cmd/);
});

test("a sentinel command that hangs is stopped and unknown", async () => {
  const words = ["sleep", "60"] as const;
  const reading = await sentinel({ kind: "command", words, timeoutMs: 200 }).check({ signal });
  assert.deepEqual(
    [reading.need, reading.evidence],
    ["unknown", 'sentinel command "sleep 60" on the host: did not end within 0.2 s'],
  );
});

test("declared exit codes replace kured's, and the host's refusal is not taken for one of them", () => {
  const words = ["needs-restarting", "--reboothint"] as const;
  const codes = { required: [1], notRequired: [0] };
  const needOf = (code: number, stderr = ""): string =>
    readCommandEnd({ kind: "exited", code, stdout: "", stderr }, { words, codes }).need;
  assert.deepEqual([needOf(0), needOf(1), needOf(2)], ["notRequired", "required", "unknown"]);
  assert.equal(needOf(1, "nsenter: cannot open /proc/1/ns/mnt: Permission denied\n"), "unknown");
  assert.equal(needOf(1, "nsenter: reassociate to namespace 'ns/mnt' failed: Operation not permitted\n"), "unknown");
});

test("with kured's codes the host's refusal is not taken for: no reboot required", async () => {
  const end: CommandEnd = {
    kind: "exited",
    code: 1,
    stdout: "",
    stderr: "nsenter: cannot open x: Permission denied\n",
  };
  const reading = readCommandEnd(end, { words: ["true"], codes: { required: [0], notRequired: [1] } });
  assert.deepEqual(
    [reading.need, reading.evidence],
    ["unknown", 'sentinel command "true" on the host: exit code 1: cannot open x: Permission denied'],
  );
});

test("a sentinel command that could not be started is unknown and an error in kured's words", () => {
  const end: CommandEnd = { kind: "notStarted", code: "ENOENT", reason: "/usr/bin/nsenter does not exist" };
  const reading = readCommandEnd(end, { words: ["true"], codes: { required: [0], notRequired: [1] } });
  assert.equal(reading.need, "unknown");
  assert.deepEqual(reading.log, [
    {
      level: "error",
      message:
        "Error invoking sentinel command: /usr/bin/nsenter does not existcmd/usr/bin/nsenter -m/proc/1/ns/mnt -- truestdoutstderr",
    },
  ]);
});

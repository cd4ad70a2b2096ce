import assert from "node:assert/strict";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { machineClock } from "../host/clock.ts";
import { machineFiles } from "../host/files.ts";
import { startUnsharedHost } from "../host/unshared.ts";
import type { UnsharedHost } from "../host/unshared.ts";
import { sentinelFor } from "./registry.ts";
import type { SentinelReading } from "./sentinel.ts";

// What kured makes of each end of its sentinel command and of each thing at the sentinel's path, and what we make of
// it: where kured takes a check that went wrong for "no reboot", it is unknown here (bug B14), which reboots nothing
// either, but is told.

const clock = machineClock();
const { signal } = new AbortController();

let host: UnsharedHost;
before(async () => {
  host = await startUnsharedHost({ clock });
});
after(() => host.stop());

interface End {
  readonly words: readonly [string, ...string[]];
  readonly kured: "required" | "notRequired" | "fatal";
  readonly need: SentinelReading["need"];
  /** The number in kured's warning. */
  readonly warns?: number;
}

const ends: readonly End[] = [
  { words: ["true"], kured: "required", need: "required" },
  { words: ["false"], kured: "notRequired", need: "notRequired" },
  { words: ["./babar"], kured: "fatal", need: "unknown", warns: 127 },
  { words: ["sh", "-c", "exit 2"], kured: "notRequired", need: "unknown", warns: 2 },
  { words: ["sh", "-c", "exit 126"], kured: "notRequired", need: "unknown", warns: 126 },
  { words: ["sh", "-c", "exit 127"], kured: "notRequired", need: "unknown", warns: 127 },
  { words: ["sh", "-c", "exit 255"], kured: "notRequired", need: "unknown", warns: 255 },
  { words: ["sh", "-c", "kill -KILL $$"], kured: "notRequired", need: "unknown", warns: -1 },
];

for (const { words, kured, need, warns } of ends)
  test(`a sentinel command "${words.join(" ")}", which is ${kured} to kured, is ${need}`, async () => {
    const parts = { files: machineFiles({ clock }), commands: host.container };
    const reading = await sentinelFor({ kind: "command", words, timeoutMs: 20_000 }, parts).check({ signal });
    assert.equal(reading.need, need, reading.evidence);
    const warnings = reading.log.filter(({ level }) => level === "warning").map(({ message }) => message);
    const wanted = `sentinel command ended with unexpected exit code: ${warns}cmd/usr/bin/nsenter `;
    assert.equal(warnings.length, warns === undefined ? 0 : 1);
    assert.ok(
      warnings.every((message) => message.startsWith(wanted)),
      warnings.join(),
    );
  });

test("a sentinel command is entered in the host's mounts alone, with nsenter and the words behind it", async () => {
  const parts = { files: machineFiles({ clock }), commands: host.container };
  const ls = sentinelFor({ kind: "command", words: ["ls", "-Fal"], timeoutMs: 20_000 }, parts);
  const [line] = (await ls.check({ signal })).log;
  const argv = ["/usr/bin/nsenter", "-m/proc/1/ns/mnt", "--", "ls", "-Fal"];
  assert.ok(
    line?.message.startsWith(`checking if reboot is requiredcmd${argv.join(" ")}stdout`),
    line?.message ?? "no line",
  );
});

test("whatever lies at the sentinel's path counts, a link only with what it points to", async () => {
  const folder = join(host.seenFolder, "vectors");
  await mkdir(join(folder, "directory"), { recursive: true });
  await writeFile(join(folder, "regular"), "linux-image");
  await writeFile(join(folder, "empty"), "");
  await symlink("regular", join(folder, "link"));
  await symlink("nowhere", join(folder, "dangling"));
  await symlink("loop", join(folder, "loop"));
  const needs: Readonly<Record<string, SentinelReading["need"]>> = {
    regular: "required",
    empty: "required",
    directory: "required",
    link: "required",
    dangling: "notRequired",
    missing: "notRequired",
    // Like a folder that may not be entered, which a test that may run as root cannot make.
    loop: "unknown",
  };
  const parts = { files: machineFiles({ clock }), commands: host.container };
  for (const [name, need] of Object.entries(needs)) {
    const reading = await sentinelFor({ kind: "file", path: join(folder, name) }, parts).check({ signal });
    assert.equal(reading.need, need, `${name}: ${reading.evidence}`);
  }
  await rm(folder, { recursive: true });
});

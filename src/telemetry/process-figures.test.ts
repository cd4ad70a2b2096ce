import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { expose } from "./exposition.ts";
import { processFigures } from "./process-figures.ts";

test("processor time, memory, open files and start time are read from the kernel", () => {
  const proc = mkdtempSync(join(tmpdir(), "kured-proc-"));
  try {
    mkdirSync(join(proc, "self", "fd"), { recursive: true });
    for (const name of ["0", "1", "2"]) writeFileSync(join(proc, "self", "fd", name), "");
    const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
    Object.assign(fields, { 11: "250", 12: "150", 19: "12345" });
    writeFileSync(join(proc, "self", "stat"), `7 (a) b (c) ${fields.join(" ")}\n`);
    writeFileSync(join(proc, "self", "status"), "Name:\tkured\nVmRSS:\t   40000 kB\n");
    writeFileSync(join(proc, "stat"), "cpu 1 2\nbtime 1700000000\n");
    const lines = expose(processFigures(proc), "classic").match(/^[^#].*$/gm);
    assert.deepEqual(lines, [
      "process_cpu_seconds_total 4",
      "process_open_fds 3",
      "process_resident_memory_bytes 40960000",
      "process_start_time_seconds 1700000123.45",
    ]);
  } finally {
    rmSync(proc, { recursive: true });
  }
});

test("where there is no such folder nothing is shown", () => {
  assert.equal(expose(processFigures(join(tmpdir(), "kured-no-such-folder")), "classic"), "");
});

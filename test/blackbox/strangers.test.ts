import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Daemon } from "../controlplane/daemon.ts";
import { rows } from "../cases/selection.ts";
import { waitFor } from "../controlplane/waits.ts";
import { peakMegabytes } from "./peak.ts";
import { logLines } from "./program.ts";
import { annotationOf, daemonSetPath, onStand, type Stand } from "./stand.ts";

// What people, other programs and attackers can write into annotations, and what a sentinel command may say.

const ending = new AbortController();
const { signal } = ending;
after(() => ending.abort(new Error("The suite is over")));

const evil =
  '\u001b[2J\u001b]0;owned\u0007" level=fatal msg="injected"\r\n{"level":"fatal","msg":"injected"}\u0000\u2028\u202etxt\u009b31m';
const strangers: Readonly<Record<string, string>> = {
  "control characters, escapes and forged log lines": evil,
  "a JSON text with them": JSON.stringify({
    reason: evil,
    owner: evil,
    id: evil,
    phase: evil,
    nodeID: evil,
    boot: evil,
  }),
  "200 kB": "x".repeat(200_000),
  "deep nesting": "[".repeat(50_000),
  "deep nesting of objects": '{"a":'.repeat(20_000),
  "a list": "[1,2]",
  null: "null",
  "a prototype": '{"__proto__":{"owner":"x"},"constructor":7}',
  "half of something": '{"owner":"kube-system/kured","id":"a","term":1,"phase":"draining"',
};

/** Each meets every annotation, and every verdict takes its second to be told. */
const played = rows({
  all: Object.entries(strangers),
  few: Object.entries(strangers).filter((_, place) => place % 3 === 0),
});

const nodePath = "/api/v1/nodes/n1";

describe("what strangers wrote", { concurrency: 3 }, () => {
  test("coordinated: it is told in one clear sentence, nothing breaks, and without it all goes on", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const coordinator = await stand.startCoordinator({ args: ["--log-format=json"] });
      const agent = await stand.startAgent("n1");
      stand.annotate(nodePath, { "kured.dev/hold": "true" });
      await stand.host("n1").requireReboot();
      await untilVerdict(stand, "Held");
      for (const [what, text] of played) {
        await meets(stand, { what, path: nodePath, key: "kured.dev/maintenance", text, code: "RecordUnreadable" });
        await meets(stand, { what, path: nodePath, key: "kured.dev/pause", text, code: "Paused" });
        await meets(stand, { what, path: daemonSetPath, key: "kured.dev/pause", text, code: "Paused" });
        for (const key of ["kured.dev/reboot-now", "kured.dev/verdict", "kured.dev/report"]) {
          stand.annotate(nodePath, { [key]: text });
          await replaced(stand, { key, text });
        }
      }
      stand.annotate(nodePath, { "kured.dev/hold": evil });
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": evil });
      await untilVerdict(stand, "Held", /owned/);
      stand.annotate(nodePath, { "kured.dev/hold": null });
      for (const [, text] of played) {
        stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": text });
        await untilVerdict(stand, "LockedBy");
      }
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": null });
      await stand.untilRebooted("n1");
      assertHarmless(coordinator, "json");
      assertHarmless(agent, "text");
      assert.ok(peakMegabytes(coordinator) < 250, `${peakMegabytes(coordinator)} MB`);
      assert.equal(coordinator.runs(), 1);
      assert.equal(agent.runs(), 2);
    });
  });

  test("classic: it is told in one clear sentence, nothing breaks, and without it all goes on", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const daemon = await stand.startClassic("n1", { args: ["--period=1s"] });
      stand.annotate(nodePath, { "kured.dev/hold": evil });
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": evil });
      await stand.host("n1").requireReboot();
      await untilVerdict(stand, "Held", /owned/);
      await meets(stand, {
        what: "evil",
        path: nodePath,
        key: "kured.dev/maintenance",
        text: evil,
        code: "RecordUnreadable",
      });
      stand.annotate(nodePath, { "kured.dev/hold": null });
      await untilVerdict(stand, "LockedBy", /owned/);
      assert.deepEqual(await stand.host("n1").reboots(), []);
      stand.annotate(daemonSetPath, { "weave.works/kured-node-lock": null });
      await stand.untilRebooted("n1");
      assertHarmless(daemon, "text");
      assert.equal(daemon.runs(), 2);
    });
  });

  test("a sentinel command that says such things is quoted, and answers only by its exit code", async () => {
    await onStand({ nodes: ["n1"], signal }, async (stand) => {
      const host = stand.host("n1");
      const command = join(host.binFolder, "sentinel");
      await writeFile(join(host.folder, "said"), `${evil}${"y".repeat(100_000)}`);
      await writeFile(
        command,
        `#!/bin/sh\ncat ${host.folder}/said; cat ${host.folder}/said >&2; exit $(cat ${host.folder}/code)\n`,
      );
      await chmod(command, 0o755);
      await writeFile(join(host.folder, "code"), "7");
      const daemon = await stand.startClassic("n1", { args: [`--reboot-sentinel-command=${command}`, "--period=1s"] });
      await untilVerdict(stand, "SentinelUnknown");
      await writeFile(join(host.folder, "code"), "1");
      await daemon.waitForLine(/Reboot not required/);
      await writeFile(join(host.folder, "code"), "0");
      await waitFor("the reboot", async () => (await host.reboots()).length > 0, { signal });
      await writeFile(join(host.folder, "code"), "1");
      await stand.untilRebooted("n1");
      assertHarmless(daemon, "text");
    });
  });
});

/** The annotation leads to this verdict, which shows some of it, and its removal back to where we were. */
async function meets(
  stand: Stand,
  { what, path, key, text, code }: Record<"what" | "path" | "key" | "text" | "code", string>,
): Promise<void> {
  stand.annotate(path, { [key]: text });
  const sentence = await untilVerdict(stand, code).catch((cause: unknown) => {
    throw new Error(`${what} in ${key}`, { cause });
  });
  assert.ok(sentence.length < 1_000, `${what} in ${key}: a sentence of ${sentence.length} characters`);
  stand.annotate(path, { [key]: null });
  await untilVerdict(stand, "Held");
}

/** Our own report and verdict are put right by whoever writes them; what nobody reads is taken away by the test. */
async function replaced(stand: Stand, { key, text }: Record<"key" | "text", string>): Promise<void> {
  if (key === "kured.dev/report") {
    const isOurs = () => Promise.resolve(annotationOf(stand.node("n1"), key) !== text);
    await waitFor("the agent to put its report right", isOurs, { signal });
  } else {
    stand.annotate(nodePath, { [key]: null });
  }
}

/** Resolves with the first sentence of the verdict on the Node once it has this code. */
async function untilVerdict(stand: Stand, code: string, says = /./): Promise<string> {
  let last: string | undefined;
  const found = async () => {
    last = annotationOf(stand.node("n1"), "kured.dev/verdict");
    const verdict = parsed(last);
    const [first] = verdict?.reasons ?? [];
    return verdict?.code === code && first !== undefined && says.test(first.sentence) ? first.sentence : undefined;
  };
  const sentence = await waitFor(`the verdict ${code}`, found, { signal, timeoutMs: 15_000 }).catch(
    (cause: unknown) => {
      throw new Error(`The verdict is not ${code} but ${last?.slice(0, 500)}`, { cause });
    },
  );
  assert.doesNotMatch(sentence, unprintable);
  return sentence;
}

interface PublishedVerdict {
  readonly code: string;
  readonly reasons: readonly { readonly sentence: string }[];
}

/** A stranger may have written it. */
function parsed(text: string | undefined): PublishedVerdict | undefined {
  try {
    const value = JSON.parse(text ?? "null") as PublishedVerdict | null;
    return Array.isArray(value?.reasons) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

/** What moves a terminal's cursor, ends a line for somebody, or turns the direction of writing. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Every line is one of the log, printable, of a reasonable length, and none is forged. */
function assertHarmless(daemon: Daemon, format: "text" | "json"): void {
  const lines = daemon.lines().map(({ text }) => text);
  for (const line of lines) {
    assert.doesNotMatch(line, unprintable);
    // What a command has said is in the log as kured has it there, 64 KiB of each of its outputs.
    assert.ok(line.length < 150_000, `a line of ${line.length} characters: ${line.slice(0, 300)}`);
  }
  const entries =
    format === "text"
      ? logLines(lines.map((line) => `${line}\n`).join(""))
      : lines.map((line) => JSON.parse(line) as { readonly level: string });
  assert.ok(entries.length > 10);
  assert.deepEqual(
    entries.filter(({ level }) => level === "fatal"),
    [],
  );
}

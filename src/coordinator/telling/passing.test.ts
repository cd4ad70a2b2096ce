import assert from "node:assert/strict";
import { test } from "node:test";
import { node, now, policy, view } from "../../core/testing/builders.ts";
import type { Reason } from "../../core/verdict/reason.ts";
import { families } from "../../telemetry/families.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { tellingInKuredWords } from "../kured-words.ts";
import { createTeller } from "../teller.ts";

const passing: readonly Reason[] = [
  { code: "LockUnknown", detail: "it has not been read yet", looking: true },
  { code: "LockedBy", holders: ["manual"], detail: '"manual" holds it', looking: true },
  { code: "Draining", pods: [] },
];

for (const reason of passing)
  test(`nobody hears of ${reason.code} before the look that tells has come back, and what was told last stands`, () => {
    const metrics = createMetrics(families);
    const lines: string[] = [];
    const published: string[] = [];
    const log = { write: (level: string, message: string) => void lines.push(`${level} ${message}`) };
    const publisher = {
      publish: (_node: unknown, { text }: { readonly text: string | undefined }) => void published.push(text ?? ""),
      forget: () => undefined,
    };
    const teller = tellingInKuredWords(createTeller({ log, metrics, publisher }), { log, policy: policy() });
    const scene = { view: view({ nodes: [node()] }), now };
    for (const said of [{ code: "Approved" } as const, reason, { code: "LockUnknown", detail: "403" } as const])
      teller.tell([{ node: "n1", reasons: [said] }], scene);
    assert.deepEqual(lines, [
      "info n1: The agent may reboot the machine now.",
      "warning n1: The lock cannot be read: 403.",
      "error Error testing lock: 403",
    ]);
    assert.equal(published.length, 2);
  });

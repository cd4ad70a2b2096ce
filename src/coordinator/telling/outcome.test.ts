import assert from "node:assert/strict";
import { test } from "node:test";
import { node, now, view } from "../../core/testing/builders.ts";
import { decodePublished, encodePublished, publish } from "../../core/verdict/published.ts";
import { families } from "../../telemetry/families.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { createTeller } from "../teller.ts";

const done = (recordId: string) => ({ node: "n1", reasons: [{ code: "Done" }], recordId }) as const;

for (const [what, recordId, times] of [
  ["of the maintenance before is no word of this one: it is told and written", "r2", 1],
  ["that was told already is not told again by the next process", "r1", 0],
] as const)
  test(`an outcome on the Node ${what}`, () => {
    const ages = { sinceMs: now.wallMs, decidedAtMs: now.wallMs, nodesAgeMs: 0, ledgerAgeMs: 0 };
    const published = encodePublished(publish(done("r1"), ages));
    const lines: string[] = [];
    const written: (string | undefined)[] = [];
    const teller = createTeller({
      log: { write: (_level, message) => void lines.push(message) },
      metrics: createMetrics(families),
      publisher: { publish: (_node, { text }) => void written.push(text), forget: () => undefined },
    });
    const scene = { view: view({ nodes: [node({ published })] }), now };
    for (let round = 0; round < 2; round++) teller.tell([done(recordId)], scene);
    assert.equal(lines.length, times);
    assert.deepEqual(
      written.map((text) => decodePublished(text)?.recordId),
      Array.from({ length: times }, () => recordId),
    );
  });

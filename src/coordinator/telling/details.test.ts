import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { node, now, view } from "../../core/testing/builders.ts";
import type { Reason } from "../../core/verdict/reason.ts";
import { families } from "../../telemetry/families.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { createTeller } from "../teller.ts";

function draining(left: number): Reason {
  return { code: "Draining", left, pods: [{ pod: "shop/web-1", sentence: `${left} to go.` }] };
}

/**
 * What is written on a node of which this is said so many seconds after the first time, and when there is more to say.
 */
function told(saying: readonly (readonly [afterSeconds: number, reason: Reason])[]) {
  const written: string[] = [];
  const publisher = {
    publish: (_node: unknown, { text }: { readonly text: string | undefined }) =>
      void written.push(/(\d+) to go/.exec(text ?? "")?.[1] ?? ""),
    forget: () => undefined,
  };
  const log = { write: () => undefined };
  const teller = createTeller({ log, metrics: createMetrics(families), publisher });
  const moreAfterSeconds = saying.map(([afterSeconds, reason]) => {
    const [wallMs, monotonicMs] = [now.wallMs + afterSeconds * 1_000, now.monotonicMs + afterSeconds * 1_000];
    const scene = { view: view({ nodes: [node()] }), now: { ...now, wallMs, monotonicMs } };
    return (teller.tell([{ node: "n1", reasons: [reason] }], scene) - now.monotonicMs) / 1_000;
  });
  return { written, moreAfterSeconds };
}

describe("How a drain gets on", () => {
  test("is written on the Node, though its verdict stays the same and nothing more happens", () => {
    const saying = [3, 4, 5].map((afterSeconds) => [afterSeconds, draining(2)] as const);
    assert.deepEqual(told([[0, draining(15)], ...saying]), {
      written: ["15", "2"],
      moreAfterSeconds: [Infinity, 5, 5, Infinity],
    });
  });

  test("is written on the Node twice as late each time, and after a minute at the latest", () => {
    const saying = Array.from({ length: 301 }, (_, second) => [second, draining(1_000 - second)] as const);
    const atSeconds = told(saying).written.map((left) => 1_000 - Number(left));
    assert.deepEqual(atSeconds, [0, 1, 6, 12, 24, 48, 96, 156, 216, 276]);
  });

  test("is not written on the Node when it is again as it was told", () => {
    assert.deepEqual(
      told([
        [0, draining(3)],
        [3, draining(2)],
        [4, draining(3)],
        [9, draining(3)],
      ]),
      {
        written: ["3"],
        moreAfterSeconds: [Infinity, 5, Infinity, Infinity],
      },
    );
  });
});

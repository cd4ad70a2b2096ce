import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../decide.ts";
import type { Policy } from "../policy/policy.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  node,
  now,
  podsAnswer,
  policy,
  recordReading,
  view,
} from "../testing/builders.ts";
import { budget, budgetsAnswer, web } from "../testing/feasibility-scene.ts";

const minuteMs = 60_000;

/** What is done with a node that was claimed a minute ago, and whose pods' budget was seen closed so long ago. */
function claimed({ seenAgoMs, given = {} }: { readonly seenAgoMs: number; readonly given?: Partial<Policy> }) {
  const budgets = { ...budgetsAnswer([budget()]), observedAtMs: now.monotonicMs - seenAgoMs };
  const known = answers({ "pods/n1": podsAnswer([agentPod(), web]), "budgets/shop": budgets });
  const record = recordReading({ phase: "claimed", phaseSinceMs: now.wallMs - minuteMs });
  const scene = view({ nodes: [node({ record })], ledger: ledger(entryText()), answers: known });
  const { actions, questions, verdicts } = decide(scene, policy({ drainFeasibility: "block", ...given }), now);
  const written = actions.flatMap((action) => (action.kind === "writeRecord" ? [action.record?.phase] : []));
  return { written, asked: questions.map(({ kind }) => kind), code: verdicts[0]?.reasons[0].code };
}

describe("A node that was claimed long ago", () => {
  test("is given back untouched when a budget was closed for good meanwhile", () => {
    const { written, code } = claimed({ seenAgoMs: 1_000, given: { drainDelayMs: 30_000 } });
    assert.deepEqual([written, code], [["closing"], "DrainInfeasible"]);
  });

  test("is looked at once more after its delay, whatever was known before", () => {
    const { written, asked, code } = claimed({ seenAgoMs: 31_000, given: { drainDelayMs: 30_000 } });
    assert.deepEqual([written, code, asked.includes("budgets")], [[], "Claiming", true]);
  });

  test("is cordoned at once where nobody wants to know, or the drain ends anyway, or it has not been long", () => {
    const cordoned = (given: Partial<Policy>) => claimed({ seenAgoMs: 1_000, given }).written;
    assert.deepEqual(cordoned({ drainFeasibility: "off" }), ["draining"]);
    assert.deepEqual(cordoned({ drainHardEndMs: minuteMs }), ["draining"]);
    const { freshness } = policy();
    assert.deepEqual(cordoned({ freshness: { ...freshness, decisiveMs: 2 * minuteMs } }), ["draining"]);
  });
});

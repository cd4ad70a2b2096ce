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

/**
 * What is done with a node that was claimed a minute ago, and the budget of whose pods is closed for good, as far as is
 * seen.
 */
function claimed(given: Partial<Policy>, { seen = true }: { readonly seen?: boolean } = {}) {
  const budgets = seen ? { "budgets/shop": budgetsAnswer([budget()]) } : {};
  const known = answers({ "pods/n1": podsAnswer([agentPod(), web]), ...budgets });
  const record = recordReading({ phase: "claimed", phaseSinceMs: now.wallMs - minuteMs });
  const scene = view({ nodes: [node({ record })], ledger: ledger(entryText()), answers: known });
  const { actions, questions, verdicts } = decide(scene, policy({ drainFeasibility: "block", ...given }), now);
  const written = actions.flatMap((action) => (action.kind === "writeRecord" ? [action.record?.phase] : []));
  const asks = questions.some(({ kind }) => kind === "budgets");
  return { written, asks, code: verdicts[0]?.reasons[0].code };
}

describe("A node that was claimed long ago", () => {
  test("is given back untouched as soon as a budget is closed for good", () => {
    const givenBack = { written: ["closing"], asks: true, code: "DrainInfeasible" };
    assert.deepEqual(claimed({}), givenBack);
    assert.deepEqual(claimed({ drainDelayMs: 2 * minuteMs }), givenBack);
  });

  test("is not cordoned before its budgets have been looked at, which are followed while it waits", () => {
    const waits = { written: [], asks: true, code: "Claiming" };
    assert.deepEqual(claimed({}, { seen: false }), waits);
    assert.deepEqual(claimed({ drainDelayMs: 2 * minuteMs }, { seen: false }), waits);
  });

  test("is cordoned at once where nobody wants to know, or the drain ends anyway, or it has not been long", () => {
    const { freshness } = policy();
    assert.deepEqual(claimed({ drainFeasibility: "off" }).written, ["draining"]);
    assert.deepEqual(claimed({ drainHardEndMs: minuteMs }).written, ["draining"]);
    assert.deepEqual(claimed({ freshness: { ...freshness, decisiveMs: 2 * minuteMs } }).written, ["draining"]);
  });
});

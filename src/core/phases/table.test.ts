import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import { phases, type Phase } from "../fleet/record.ts";
import { entryText, later, ledger, policy, view } from "../testing/builders.ts";
import { columns, ending, waiting, type PhaseScene } from "../testing/phase-scenes.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/phases.md"), "utf8");

type Column = keyof typeof columns;

describe("docs/phases.md says of each phase what decide does with it", () => {
  const [header = [], , ...rows] = tableRows(page);
  test("it has a row for each phase and a column for each condition", () => {
    assert.deepEqual(
      rows.map(([phase = ""]) => phase.replaceAll("`", "")),
      [...phases],
    );
    assert.deepEqual(header.slice(1), Object.keys(columns));
  });
  for (const [quoted = "", ...cells] of rows) {
    const phase = phases.find((one) => quoted === `\`${one}\``);
    for (const [index, word] of cells.entries()) {
      const column = Object.keys(columns)[index] as Column;
      if (phase === undefined || word === "—") continue;
      test(`${phase}, ${column}: ${word}`, () => assert.equal(decided(phase, column), word));
    }
  }
});

/** The cells of the first table of a page. */
function tableRows(text: string): readonly (readonly string[])[] {
  const lines = text.slice(text.indexOf("| phase |")).split("\n\n")[0] ?? "";
  return lines.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function decided(phase: Phase, column: Column): string {
  const scene = columns[column](column === "ends with" ? ending(phase) : waiting(phase), phase);
  const word = wordOf(scene);
  const unchanged = column !== "ends with" && word === wordOf(waiting(phase));
  return unchanged && !(phase === "rebooting" && word === "returns") ? "goes on" : word;
}

function wordOf({ node: facts, view: known, policy: wanted, laterMs = 0 }: PhaseScene): string {
  const full = view({ nodes: [facts], ledger: ledger(entryText()), ...known });
  const { actions, verdicts } = decide(full, policy(wanted), later(laterMs));
  const about = actions.filter((action) => action.node === facts.name);
  assert.ok(about.length <= 1, `one thing at a time: ${about.map(({ key }) => key).join(", ")}`);
  const [action] = about;
  if (action) return wordOfAction(action);
  if (!full.nodes.includes(facts)) return "nothing";
  const code = verdicts.find((verdict) => verdict.node === facts.name)?.reasons[0].code;
  return code === "RebootOverdue" || code === "Failed" ? "stops" : "waits";
}

function wordOfAction(action: Action): string {
  if (action.kind === "evict") return "evicts";
  if (action.kind === "deletePod") return "deletes a pod";
  if (action.kind === "notify") return "notifies";
  if (action.kind === "writeLedger") return `${action.step}s`;
  if (action.record?.outcome === "withdrawn") return "withdraws";
  const words: Partial<Record<typeof action.step, string>> = { doubt: "waits", resume: "takes back" };
  return words[action.step] ?? `${action.step}s`;
}

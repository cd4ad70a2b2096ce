import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Action } from "../action.ts";
import { decide } from "../decide.ts";
import type { NodeFacts } from "../fleet/node.ts";
import { approvalOf, phases, type MaintenanceRecord, type Phase } from "../fleet/record.ts";
import type { View } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import {
  answers,
  entryText,
  later,
  ledger,
  listText,
  neverOpen,
  node,
  now,
  podsAnswer,
  policy,
  record,
  recordReading,
  reportReading,
  view,
} from "../testing/builders.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/phases.md"), "utf8");

/** One scene of one phase: the node, what is known besides, and the policy. */
interface Scene {
  readonly node: NodeFacts;
  readonly view: Partial<View>;
  readonly policy: Partial<Policy>;
  readonly laterMs?: number;
}

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

function wordOf({ node: facts, view: known, policy: wanted, laterMs = 0 }: Scene): string {
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
  if (action.kind === "writeLedger") return `${action.step}s`;
  if (action.record?.outcome === "withdrawn") return "withdraws";
  const words: Partial<Record<typeof action.step, string>> = { doubt: "waits", resume: "takes back" };
  return words[action.step] ?? `${action.step}s`;
}

/** Everything that the phase waits for is there. */
function ending(phase: Phase): Scene {
  const scene = waiting(phase);
  const { record: reading } = scene.node;
  assert.ok(reading.kind === "record");
  const rebooted = { boot: "boot-2", pod: "agent-1" };
  switch (phase) {
    case "draining":
      return { ...scene, node: { ...scene.node, report: reportReading({ nonce: "nonce-1" }) } };
    case "approved": {
      const commanded = { boot: "boot-1", approval: approvalOf(reading.record) ?? "" };
      return { ...scene, node: { ...scene.node, report: reportReading({ commanded }) } };
    }
    case "rebooting":
      return { ...scene, node: { ...scene.node, report: reportReading(rebooted) } };
    case "returning":
      return { ...scene, node: { ...scene.node, report: reportReading({ ...rebooted, need: "notRequired" }) } };
    case "intended":
    case "claimed":
    case "closing":
      return scene;
  }
}

/** The phase as it is for most of its time. */
function waiting(phase: Phase): Scene {
  const scene = (given: Partial<MaintenanceRecord>, facts: Partial<NodeFacts> = {}): Scene => ({
    node: node({ record: recordReading({ phase, ...given }), ...facts }),
    view: {},
    policy: {},
  });
  const cordoned = { unschedulable: true };
  switch (phase) {
    case "intended":
      return { ...scene({}), view: { ledger: ledger(undefined) } };
    case "claimed":
      return scene({});
    case "draining":
      return scene({ cordon: "ours" }, cordoned);
    case "approved": {
      const nonce = "nonce-1";
      return scene({ cordon: "ours", attempt: 1, nonce }, { ...cordoned, report: reportReading({ nonce }) });
    }
    case "rebooting":
    case "returning":
      return scene({ cordon: "ours", attempt: 1, nonce: "nonce-1" }, cordoned);
    case "closing":
      return scene({ outcome: "done" }, { report: reportReading({ boot: "boot-2", need: "notRequired" }) });
  }
}

/** What each column adds to a scene. */
const columns = {
  "ends with": (scene: Scene) => scene,
  deadline: (scene: Scene, phase: Phase): Scene => ({
    ...scene,
    policy: { drainTimeoutMs: 60_000, rebootDeadlineMs: 60_000 },
    // Nobody could be told for ten minutes, and the lock is free.
    ...(phase === "closing"
      ? { laterMs: 600_000, view: { ledger: ledger(undefined, { observedAtMs: now.monotonicMs + 600_000 }) } }
      : { laterMs: phase === "approved" ? 31_000 : 1_000 }),
  }),
  "boot changed": (scene: Scene, phase: Phase): Scene =>
    phase === "closing" || phase === "returning"
      ? { ...scene, node: { ...scene.node, kubeletBoot: "boot-3" } }
      : { ...scene, node: { ...scene.node, report: reportReading({ boot: "boot-2" }) } },
  "node gone": (scene: Scene): Scene => ({
    ...scene,
    view: {
      ...scene.view,
      nodes: [],
      answers: answers({
        "nodeExists/n1": { kind: "nodeExists", node: { kind: "gone" }, observedAtMs: now.monotonicMs },
      }),
    },
  }),
  "cordon lost": (scene: Scene): Scene => ({ ...scene, node: { ...scene.node, unschedulable: false } }),
  "lock lost": (scene: Scene, phase: Phase): Scene => ({
    ...scene,
    node: { ...scene.node, ...(phase === "closing" && { published: toldDone }) },
    view: { ledger: ledger(undefined) },
  }),
  paused: (scene: Scene): Scene => ({
    ...scene,
    view: { ...scene.view, ledger: { ...(scene.view.ledger ?? ledger(entryText())), pause: { reason: "" } } as never },
  }),
  held: (scene: Scene): Scene => ({ ...scene, node: { ...scene.node, hold: { reason: "" } } }),
  "agent dead": (scene: Scene): Scene => ({
    ...scene,
    view: { ...scene.view, answers: answers({ "pods/n1": podsAnswer([]) }) },
  }),
  "window closed": (scene: Scene): Scene => ({ ...scene, policy: { window: neverOpen } }),
  "need gone": (scene: Scene): Scene => ({
    ...scene,
    node: { ...scene.node, report: changedNeed(scene.node) },
  }),
  "roll-out stopped": (scene: Scene): Scene => {
    const failed = node({
      name: "n2",
      record: recordReading({ phase: "rebooting", machine: "uid-n2", failure: { reason: "no", pod: "agent-1" } }),
    });
    const own = scene.view.ledger === undefined ? [entryText()] : [];
    return {
      ...scene,
      policy: { concurrency: 2 },
      view: {
        ...scene.view,
        nodes: [scene.node, failed],
        ledger: ledger(listText([...own, entryText({ node: "n2" })])),
      },
    };
  },
} as const;

const toldDone = JSON.stringify({
  code: "Done",
  since: "2026-05-05T12:00:00.000Z",
  decided: "2026-05-05T12:00:00.000Z",
  record: record().id,
  reasons: [],
});

function changedNeed({ report }: NodeFacts) {
  assert.ok(report.kind === "report");
  return reportReading({ ...report.report, need: "notRequired" });
}

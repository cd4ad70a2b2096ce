import type { NodeFacts } from "../fleet/node.ts";
import { approvalOf, type MaintenanceRecord, type Phase } from "../fleet/record.ts";
import type { ReportReading } from "../fleet/report.ts";
import type { View } from "../fleet/view.ts";
import type { Policy } from "../policy/policy.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  listText,
  neverOpen,
  node,
  now,
  pod,
  podsAnswer,
  record,
  recordReading,
  reportReading,
} from "./builders.ts";

/** One scene of one phase: the node, what is known besides, and the policy. Our entry is in the lock unless said. */
export interface PhaseScene {
  readonly node: NodeFacts;
  readonly view: Partial<View>;
  readonly policy: Partial<Policy>;
  readonly laterMs?: number;
}

/** Everything that the phase waits for is there. */
export function ending(phase: Phase): PhaseScene {
  const scene = waiting(phase);
  const { record: reading } = scene.node;
  const rebooted = { boot: "boot-2", pod: "agent-1" };
  switch (phase) {
    case "draining":
      return { ...scene, view: {}, node: { ...scene.node, report: reportReading({ nonce: "nonce-1" }) } };
    case "approved": {
      const commanded = { boot: "boot-1", approval: (reading.kind === "record" && approvalOf(reading.record)) || "" };
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
export function waiting(phase: Phase): PhaseScene {
  const scene = (given: Partial<MaintenanceRecord>, facts: Partial<NodeFacts> = {}): PhaseScene => ({
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
      return {
        ...scene({ cordon: "ours" }, cordoned),
        view: { answers: answers({ "pods/n1": podsAnswer([agentPod(), pod()]) }) },
      };
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
export const columns = {
  "ends with": (scene: PhaseScene) => scene,
  deadline: (scene: PhaseScene, phase: Phase): PhaseScene => ({
    ...scene,
    policy: { drainTimeoutMs: 60_000, rebootDeadlineMs: 60_000 },
    // Nobody could be told for ten minutes, and the lock is free.
    ...(phase === "closing"
      ? { laterMs: 600_000, view: { ledger: ledger(undefined, { observedAtMs: now.monotonicMs + 600_000 }) } }
      : { laterMs: phase === "approved" ? 31_000 : 1_000 }),
  }),
  "boot changed": (scene: PhaseScene, phase: Phase): PhaseScene =>
    phase === "closing" || phase === "returning"
      ? { ...scene, node: { ...scene.node, kubeletBoot: "boot-3" } }
      : { ...scene, node: { ...scene.node, report: reportReading({ boot: "boot-2" }) } },
  "node gone": (scene: PhaseScene): PhaseScene => ({
    ...scene,
    view: {
      ...scene.view,
      nodes: [],
      answers: answers({
        "nodeExists/n1": { kind: "nodeExists", node: { kind: "gone" }, observedAtMs: now.monotonicMs },
      }),
    },
  }),
  "cordon lost": (scene: PhaseScene): PhaseScene => ({ ...scene, node: { ...scene.node, unschedulable: false } }),
  "lock lost": (scene: PhaseScene, phase: Phase): PhaseScene => ({
    ...scene,
    node: { ...scene.node, ...(phase === "closing" && { published: toldDone }) },
    view: { ledger: ledger(undefined) },
  }),
  paused: (scene: PhaseScene): PhaseScene => ({
    ...scene,
    view: { ...scene.view, ledger: ledger(phaseLock(scene), { pause: { reason: "" } }) },
  }),
  held: (scene: PhaseScene): PhaseScene => ({ ...scene, node: { ...scene.node, hold: { reason: "" } } }),
  "agent dead": (scene: PhaseScene): PhaseScene => ({
    ...scene,
    view: { ...scene.view, answers: answers({ "pods/n1": podsAnswer([]) }) },
  }),
  "window closed": (scene: PhaseScene): PhaseScene => ({ ...scene, policy: { window: neverOpen } }),
  "need gone": (scene: PhaseScene): PhaseScene => ({
    ...scene,
    node: { ...scene.node, report: changedNeed(scene.node) },
  }),
  "roll-out stopped": (scene: PhaseScene): PhaseScene => {
    const failed = node({
      name: "n2",
      record: recordReading({ phase: "rebooting", machine: "uid-n2", failure: { reason: "no", pod: "agent-1" } }),
    });
    const own = phaseLock(scene);
    return {
      ...scene,
      policy: { concurrency: 2 },
      view: {
        ...scene.view,
        nodes: [scene.node, failed],
        ledger: ledger(listText([...(own === undefined ? [] : [own]), entryText({ node: "n2" })])),
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

function changedNeed({ report }: NodeFacts): ReportReading {
  return reportReading({ ...(report.kind === "report" && report.report), need: "notRequired" });
}

/** The lock as it stands in a scene; where none is named, our entry is in it. */
function phaseLock({ view }: PhaseScene): string | undefined {
  return view.ledger === undefined ? entryText() : undefined;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DrainTimeoutAction, FeasibilityPolicy } from "./policy/policy.ts";
import type { RecordStep } from "./action.ts";
import { runHistory, type Mishap } from "./testing/model/history.ts";
import type { NodeSpec, WorldSpec } from "./testing/model/world.ts";
import type { Trouble } from "./testing/model/network.ts";

// Random fleets with random histories: decide and decideHost run a model cluster in which requests are lost, late or
// refused, views are old, processes die between any two writes, two coordinators lead at once, and people meddle.
// KURED_PROPERTY_RUNS sets how many histories each property tries, KURED_PROPERTY_SEED which ones.

const runs = Number(process.env["KURED_PROPERTY_RUNS"] ?? 150);
const seed = Number(process.env["KURED_PROPERTY_SEED"] ?? 20_260_505);

type History = readonly [WorldSpec & { readonly trouble: Trouble }, readonly Mishap[]];

const someNode: fc.Arbitrary<NodeSpec> = fc.record(
  {
    controlPlane: fc.boolean(),
    pods: fc.nat(3),
    mode: fc.constantFrom("works", "works", "works", "slow", "fails", "failsAndReboots", "hangs", "nothing"),
    needAtMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 1_200_000 })),
  },
  { requiredKeys: ["controlPlane", "pods"] },
);

const bothGates = [
  { name: "alerts", scope: "fleet" },
  { name: "pods", scope: "node" },
] as const;

const somePolicy: fc.Arbitrary<WorldSpec["policy"]> = fc.record({
  concurrency: fc.constantFrom(1, 1, 2),
  lockTtlNs: fc.constantFrom(0n, 0n, 1_800_000_000_000n),
  lockReleaseDelayMs: fc.constantFrom(0, 0, 20_000),
  drainFeasibility: fc.constantFrom<FeasibilityPolicy>("off", "warn", "block", "strict"),
  drainTimeoutMs: fc.constantFrom(0, 0, 60_000),
  onDrainTimeout: fc.constantFrom<DrainTimeoutAction>("abort", "abort", "delete", "force"),
  drainHardEndMs: fc.constantFrom(0, 0, 0, 90_000),
  drainDelayMs: fc.constantFrom(0, 5_000, 15_000),
  volumeDetachTimeoutMs: fc.constantFrom(0, 0, 30_000),
  readyElsewhere: fc.record({
    waits: fc.constantFrom("nothing", "nothing", "reboot", "next"),
    timeoutMs: fc.constant(20_000),
  }),
  rebootDelayMs: fc.constantFrom(0, 10_000),
  failedReboot: fc.constantFrom("giveBack", "keepCordon"),
  notices: fc.boolean(),
  gates: fc.constantFrom<WorldSpec["policy"]["gates"] & object>([], bothGates),
  marks: fc.constantFrom(
    { annotateNodes: false, taint: "" },
    { annotateNodes: true, taint: "kured", labelsBefore: { a: "down", b: "down" }, labelsAfter: { a: "up" } },
  ),
});

const someTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  fc.constant({ lost: 0, refused: 0, late: 0 }),
  fc.record({
    lost: fc.constantFrom(0, 0.02, 0.15),
    refused: fc.constantFrom(0, 0.02, 0.15),
    late: fc.constantFrom(0, 0.02, 0.1),
  }),
);

/** Everything of one kind, some time after the mishap before, to some node. */
function mishap<Kind extends Mishap["kind"]>(kind: Kind, others: Record<string, fc.Arbitrary<unknown>> = {}) {
  const when = fc.oneof(fc.nat(500), fc.nat(5_000), fc.nat(60_000), fc.nat(600_000));
  const base = { kind: fc.constant(kind), afterMs: when, node: fc.nat(3) };
  return fc.record({ ...base, ...others }) as fc.Arbitrary<Mishap>;
}

const which = fc.nat(1);
const crashes: readonly fc.Arbitrary<Mishap>[] = [
  mishap("killDecider", { which: fc.nat(3) }),
  mishap("killAgent"),
  mishap("killAtWrite", { inWrites: fc.nat(15), applied: fc.boolean() }),
  mishap("elect", { which, overlapMs: fc.constantFrom(0, 5_000, 120_000) }),
  mishap("stallWatch", { which, lagMs: fc.constantFrom(300, 5_000, 20_000) }),
  mishap("outage", { forMs: fc.constantFrom(2_000, 30_000, 120_000) }),
];
const people: readonly fc.Arbitrary<Mishap>[] = [
  ...(["pauseFleet", "resumeFleet", "pauseNode", "holdNode", "releaseNode", "cordon", "uncordon"] as const),
  ...(["closeWindow", "openWindow", "closeBudget", "openBudget", "replaceAgent", "rebootByHand"] as const),
  ...(["needAppears", "needVanishes", "needUnknown", "stubborn", "silence", "sneakyPod", "notReady"] as const),
].map((kind) => mishap(kind));
const blockers = mishap("gate", {
  gate: fc.constantFrom("alerts", "pods"),
  says: fc.constantFrom("open", "open", "closed", "closed", "unreachable", "slow"),
});
const commands = mishap("command", {
  mode: fc.constantFrom("works", "slow", "failsAndReboots", "hangs", "nothing"),
});
const meddlers: readonly fc.Arbitrary<Mishap>[] = [
  ...(["deleteRecord", "deleteReport", "garbageRecord", "garbageReport", "foreignRecord"] as const).map((kind) =>
    mishap(kind),
  ),
  ...(["deleteLock", "manualLock", "garbageLock", "emptyList", "deleteNode", "registerAgain"] as const).map((kind) =>
    mishap(kind),
  ),
  mishap("foreignLock", { expired: fc.boolean(), cordoned: fc.boolean() }),
];

const steps: readonly RecordStep[] = ["intend", "claim", "cordon", "drained", "approve", "reboot", "return", "close"];

/** The same mishaps, but each right after a step of the node that it happens to, while the work is at its tenderest. */
function atSteps(mishaps: readonly fc.Arbitrary<Mishap>[]): fc.Arbitrary<Mishap> {
  const what = fc.oneof(...mishaps);
  return mishap("atStep", { step: fc.constantFrom(...steps), delayMs: fc.oneof(fc.nat(200), fc.nat(12_000)), what });
}

function histories(mode: WorldSpec["mode"], mishaps: readonly fc.Arbitrary<Mishap>[]): fc.Arbitrary<History> {
  return fc.tuple(
    fc.record({
      mode: fc.constant(mode),
      seed: fc.nat(1_000_000),
      nodes: fc.array(someNode, { minLength: 1, maxLength: 4 }),
      policy: somePolicy,
      receiver: fc.constantFrom("there", "flaky", "away"),
      aftermath: fc.record({
        detachMs: fc.constantFrom(0, 4_000, 600_000),
        readyMs: fc.constantFrom(0, 8_000, 600_000),
      }),
      trouble: someTrouble,
    }),
    fc.array(fc.oneof({ weight: 2, arbitrary: fc.oneof(...mishaps) }, { weight: 1, arbitrary: atSteps(mishaps) }), {
      maxLength: 16,
      size: "max",
    }),
  );
}

function holds([spec, mishaps]: History): void {
  const { broken, leftovers, world } = runHistory(spec, mishaps);
  if (broken.length === 0 && leftovers.length === 0) return;
  const log = world.log.slice(-120).join("\n");
  assert.fail(`broken: ${broken.join("; ") || "nothing"}\nleft: ${leftovers.join("; ") || "nothing"}\n${log}`);
}

for (const mode of ["coordinated", "classic"] as const) {
  const each = (what: string, mishaps: readonly fc.Arbitrary<Mishap>[]): void => {
    test(`${mode}: rules 1 to 8 hold and every node is served in the end, ${what}`, () => {
      fc.assert(fc.property(histories(mode, mishaps), holds), { numRuns: runs, seed });
    });
  };
  each("when processes die, answers are lost and views are old", crashes);
  each("when people pause, cordon, reboot by hand and commands fail", [...people, commands]);
  each("when blockers come and go while processes die", [...crashes, ...crashes.map(() => blockers)]);
  each("when everything happens at once, also to the records and the lock", [
    ...crashes,
    ...people,
    blockers,
    ...meddlers,
    commands,
  ]);
}

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide } from "../../decide.ts";
import type { PodFacts } from "../../drain/pod.ts";
import type { MaintenanceRecord, RecordReading } from "../../fleet/record.ts";
import type { Attempt } from "../../fleet/view.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Answer } from "../../question.ts";
import { waiting } from "../../testing/phase-scenes.ts";
import { sentence } from "../../verdict/sentence.ts";
import {
  agentPod,
  answers,
  entryText,
  ledger,
  now,
  pod,
  podsAnswer,
  policy,
  recordReading,
  view,
} from "../../testing/builders.ts";

const minuteMs = 60_000;
const stays = pod({ name: "stays" });

interface Given {
  readonly pods?: readonly PodFacts[];
  readonly record?: Partial<MaintenanceRecord>;
  readonly attempts?: Readonly<Record<string, Attempt["last"]>>;
  readonly more?: Readonly<Record<string, Answer>>;
  readonly wanted?: Partial<Policy>;
}

/** What a drain that began `agoMs` ago comes to. */
function after(agoMs: number, { pods = [stays], record: given = {}, attempts = {}, more = {}, wanted = {} }: Given) {
  const scene = waiting("draining");
  const { record } = scene.node.record as Extract<RecordReading, { kind: "record" }>;
  const phaseSinceMs = now.wallMs - agoMs;
  const node = { ...scene.node, record: recordReading({ ...record, phaseSinceMs, ...given }) };
  const written = { outcome: { kind: "done" } as const, endedAtMs: now.monotonicMs };
  const tried = Object.entries({ "record/n1": written, ...attempts }).map(([key, last]): [string, Attempt] => [
    key,
    { failures: 1, jitter: 0.5, ...(last && { last }) },
  ]);
  const seen = answers({ "pods/n1": podsAnswer([agentPod(), ...pods]), ...more });
  const known = view({ nodes: [node], ledger: ledger(entryText()), answers: seen, attempts: new Map(tried) });
  const { actions, verdicts, wakeAtMs } = decide(known, policy(wanted), now);
  const reason = verdicts[0]?.reasons[0];
  return {
    acts: actions.map(({ key }) => key),
    code: reason?.code,
    says: reason ? sentence(reason) : "",
    wakesInMs: wakeAtMs - now.monotonicMs,
  };
}

describe("A pod that cannot be deleted when its time is over", () => {
  const wanted = { drainTimeoutMs: 10 * minuteMs, onDrainTimeout: "delete" } as const;
  const refused = { kind: "eviction", outcome: { kind: "budgetRefused", text: "no", budget: "web" } } as const;
  const forbidden = { kind: "failed", reason: 'pods "stays" is forbidden: no right to delete' } as const;
  const tried = (deletedAgoMs: number, evictedAgoMs: number) => ({
    "delete/uid-stays": { outcome: forbidden, endedAtMs: now.monotonicMs - deletedAgoMs },
    "evict/uid-stays": { outcome: refused, endedAtMs: now.monotonicMs - evictedAgoMs },
  });

  test("is told with the reason, and not with that of an eviction long ago", () => {
    const { code, says } = after(11 * minuteMs, { wanted, attempts: tried(100, 1_000) });
    assert.equal(code, "DrainBlocked");
    assert.match(says, /1 pod left: Deleting pod shop\/stays failed: pods "stays" is forbidden: no right to delete\./);
  });

  test("may still be evicted between two tries, as its budget may have opened", () => {
    assert.deepEqual(after(11 * minuteMs, { wanted, attempts: tried(100, minuteMs) }).acts, ["evict/uid-stays"]);
    assert.deepEqual(after(11 * minuteMs, { wanted, attempts: tried(minuteMs, 1_000) }).acts, ["delete/uid-stays"]);
  });
});

describe("The hard end of a drain", () => {
  test("leaves each pod the grace period that its deletion asks for", () => {
    const drain = { ...policy().drain, gracePeriodSeconds: 300 };
    const wanted = { drainHardEndMs: 10 * minuteMs };
    assert.deepEqual(after(6 * minuteMs, { wanted }).acts, ["evict/uid-stays"]);
    assert.deepEqual(after(6 * minuteMs, { wanted: { ...wanted, drain } }).acts, ["delete/uid-stays"]);
  });
});

describe("A drain is looked at again when its time is over, even if nothing happens", () => {
  const replicas: Answer = { kind: "replicas", missing: 1, observedAtMs: now.monotonicMs };
  const empty = {
    pods: [],
    record: { drainedAtMs: now.wallMs - 10_000, owners: ["replicasets/shop/web"] },
    more: { "replicas/replicasets/shop/web": replicas },
  };
  const readyElsewhere = { waits: "reboot", timeoutMs: 5 * minuteMs } as const;

  test("while an empty node waits for replicas", () => {
    const wanted = { drainHardEndMs: 10 * minuteMs, readyElsewhere };
    assert.equal(after(9 * minuteMs, { ...empty, wanted }).wakesInMs, minuteMs);
  });

  test("while its pods cannot be listed", () => {
    const more: Readonly<Record<string, Answer>> = {
      "pods/n1": { kind: "failed", reason: "no", observedAtMs: now.monotonicMs },
    };
    assert.ok(after(9 * minuteMs, { more, wanted: { drainTimeoutMs: 10 * minuteMs } }).wakesInMs <= minuteMs);
  });

  test("when a pod has been terminating for longer than anybody wants to wait", () => {
    const drain = { ...policy().drain, skipWaitForDeleteSeconds: 20 };
    const leaving = pod({ name: "leaving", deletionTimestampMs: now.wallMs - 5_000 });
    assert.equal(after(minuteMs, { pods: [leaving], wanted: { drain } }).wakesInMs, 16_000);
  });
});

describe("A reboot with pods left", () => {
  const force = { drainTimeoutMs: 10 * minuteMs, onDrainTimeout: "force" } as const;

  test("is not said to be of a drained node", () => {
    const { code, says } = after(11 * minuteMs, { wanted: force });
    assert.equal(code, "Drained");
    assert.equal(
      says,
      "The time for the drain is over with 1 pod left; the node waits for the agent to ask for the approval.",
    );
  });

  test("waits for the reboot delay, and not for what only an empty node waits for", () => {
    const wanted = { ...force, rebootDelayMs: 10_000, volumeDetachTimeoutMs: 5 * minuteMs };
    const record = { drainedAtMs: now.wallMs - 10_000 };
    const { acts, says } = after(10 * minuteMs + 10_000, { wanted, record });
    assert.deepEqual(acts, []);
    assert.match(says, /waits for the agent to ask for the approval/);
  });

  test("is not what an empty node comes to that waits for its volumes", () => {
    const wanted = { ...force, volumeDetachTimeoutMs: 5 * minuteMs };
    const record = { drainedAtMs: now.wallMs - minuteMs };
    assert.match(after(10 * minuteMs, { pods: [], wanted, record }).says, /a look at its volumes/);
  });
});

describe("A pod that comes to a node whose reboot is approved", () => {
  const force = { drainTimeoutMs: 10 * minuteMs, onDrainTimeout: "force" } as const;

  /** What becomes of the approval of a node that was cordoned `agoMs` ago. */
  function approval(agoMs: number | undefined, wanted: Partial<Policy>): string {
    const scene = waiting("approved");
    const { record } = scene.node.record as Extract<RecordReading, { kind: "record" }>;
    const cordoned = agoMs === undefined ? {} : { drainingSinceMs: now.wallMs - agoMs };
    const node = { ...scene.node, record: recordReading({ ...record, phaseSinceMs: now.wallMs, ...cordoned }) };
    const seen = answers({ "pods/n1": podsAnswer([agentPod(), stays]) });
    const { actions } = decide(
      view({ nodes: [node], ledger: ledger(entryText()), answers: seen }),
      policy(wanted),
      now,
    );
    return actions.map((action) => ("step" in action ? action.step : action.kind)).join();
  }

  test("must go before it, as long as the drain has time", () => {
    assert.equal(approval(9 * minuteMs, {}), "resume");
    assert.equal(approval(9 * minuteMs, force), "resume");
    assert.equal(approval(9 * minuteMs, { ...force, drainTimeoutMs: 0 }), "resume");
  });

  test("stays when the reboot goes on with whatever is left", () => {
    assert.equal(approval(10 * minuteMs, force), "");
    assert.equal(approval(10 * minuteMs, { drainHardEndMs: 10 * minuteMs }), "");
    assert.equal(approval(undefined, force), "", "of a record that does not say when it was cordoned");
  });
});

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import test, { describe } from "node:test";
import type { TestContext } from "node:test";
import type { Fault, Faults } from "../../sim/apiserver/fronts/fault.ts";
import { transportFront } from "../../sim/apiserver/fronts/transport.ts";
import { ApiServer } from "../../sim/apiserver/server.ts";
import { machineClock } from "../host/clock.ts";
import { machineRandom } from "../host/random.ts";
import { kubeClient } from "./client.ts";
import type { KubeClient } from "./client.ts";
import type { Leadership } from "./election/candidacy.ts";
import { decodeLease } from "./election/lease.ts";
import type { LeaseRecord } from "./election/lease.ts";
import { runElection } from "./leases.ts";
import { readOptionalString, readValue } from "./object.ts";

const clock = machineClock();
const lease = { namespace: "kube-system", name: "kured" };

/** One API server, and clients of it that faults may trouble. */
function startServer(): { readonly client: (faults?: Faults) => KubeClient } {
  const server = new ApiServer({ clock: () => clock.now().wallMs, random: machineRandom() });
  return {
    client: (faults = () => undefined) => {
      const transport = transportFront(server, { user: { name: "kured" }, faults });
      return kubeClient({ transport, clock, requestTimeoutMs: 1_000 });
    },
  };
}

/** One candidate and everything that it was told. */
interface Running {
  readonly told: Leadership[];
  readonly logged: string[];
  readonly signal: AbortSignal;
  until(what: (last: Leadership) => boolean): Promise<Leadership>;
  stop(): Promise<void>;
}

/** A second is the least that a Lease can say. */
const durations = { leaseDurationMs: 1_000, renewDeadlineMs: 400, retryPeriodMs: 50 };

function stand(t: TestContext, identity: string, client: KubeClient): Running {
  const told: Leadership[] = [];
  const logged: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const running = runElection({
    client,
    clock,
    random: machineRandom(),
    log: { write: (level, message) => logged.push(`${level} ${message}`) },
    identity,
    ...lease,
    ...durations,
    onChange: (leadership) => told.push(leadership),
    signal,
  });
  const ended = assert.rejects(running, /SIGTERM/);
  const stop = async (): Promise<void> => {
    controller.abort(new Error("SIGTERM"));
    await ended;
  };
  t.after(stop);
  const until: Running["until"] = async (what) => {
    const giveUpAt = Date.now() + 8_000;
    for (;;) {
      const last = told.at(-1);
      if (last !== undefined && what(last)) return last;
      assert.ok(Date.now() < giveUpAt, `${identity} was told ${JSON.stringify(told.slice(-5))}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { told, logged, signal, until, stop };
}

const conflict: Fault = {
  kind: "answered",
  status: 409,
  headers: {},
  body: JSON.stringify({
    kind: "Status",
    status: "Failure",
    reason: "Conflict",
    code: 409,
    message: "precondition failed",
  }),
};

const leads = ({ kind }: Leadership): boolean => kind === "leading";
const follows = ({ kind }: Leadership): boolean => kind === "following";

async function read(client: KubeClient): Promise<LeaseRecord> {
  const answer = await client.get("leases", { ...lease, decode: decodeLease, signal: new AbortController().signal });
  assert.ok(answer.kind === "ok");
  return answer.value;
}

// Mostly waiting, so all at once.
describe("an election", { concurrency: true }, () => {
  test("a lone candidate leads at once, and renews for as long as it runs", async (t) => {
    const { client } = startServer();
    const one = stand(t, "one", client());
    const first = await one.until(leads);
    const before = clock.now().monotonicMs;
    assert.ok(first.kind === "leading");
    assert.equal(first.term, 1);
    assert.ok(first.heldUntilMonotonicMs <= before + durations.renewDeadlineMs);
    const later = await one.until((last) => last.kind === "leading" && last.heldUntilMonotonicMs > before + 500);
    assert.ok(later.kind === "leading" && later.term === 1);
    const record = await read(client());
    assert.deepEqual([record.holder, record.term, record.durationMs], ["one", 1, 1_000]);
    assert.match(
      readOptionalString(record.raw, "spec.acquireTime") ?? "",
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000Z$/,
    );
  });

  test("the second candidate waits, and takes over soon after the first has stopped and given back", async (t) => {
    const { client } = startServer();
    const one = stand(t, "one", client());
    await one.until(leads);
    const two = stand(t, "two", client());
    assert.deepEqual(await two.until(follows), { kind: "following", holder: "one" });
    const stoppedAtMs = Date.now();
    await one.stop();
    assert.deepEqual(one.told.at(-1), { kind: "following", holder: undefined });
    const leading = await two.until(leads);
    assert.ok(leading.kind === "leading" && leading.term === 2);
    assert.ok(Date.now() - stoppedAtMs < 500, "it waited although the lease was free");
    assert.ok(two.logged.includes("info Waiting for the lease kube-system/kured: one holds it"));
    assert.ok(two.logged.includes("info Acquired the lease kube-system/kured, term 2"));
    assert.ok(one.logged.includes("info Released the lease kube-system/kured of term 1"));
  });

  test("a lease given back says so to any other implementation too", async (t) => {
    const { client } = startServer();
    const one = stand(t, "one", client());
    await one.until(leads);
    await one.stop();
    const { raw } = await read(client());
    assert.equal(readValue(raw, "spec.holderIdentity"), "");
    assert.equal(readValue(raw, "spec.leaseDurationSeconds"), 1);
    assert.equal(getEventListeners(one.signal, "abort").length, 0);
  });

  test("a leader that is cut off stops leading before another begins", async (t) => {
    const { client } = startServer();
    let cutOff = false;
    const one = stand(
      t,
      "one",
      client(() => (cutOff ? { kind: "silent" } : undefined)),
    );
    await one.until(leads);
    const two = stand(t, "two", client());
    await two.until(follows);
    cutOff = true;
    await one.until(follows);
    const lostAtMs = clock.now().monotonicMs;
    assert.ok(!two.told.some(leads));
    await two.until(leads);
    assert.ok(clock.now().monotonicMs - lostAtMs > 100, "the margin between the two was not kept");
    assert.ok(
      one.logged.some(
        (line) => line === "warning Lost the lease kube-system/kured of term 1: it could not be renewed in time",
      ),
    );
  });

  test("a few failed renewals are no loss", async (t) => {
    const { client } = startServer();
    let faults = 0;
    const flaky: Faults = ({ method }) => {
      if (method !== "PUT" || faults >= 3) return undefined;
      faults++;
      return faults === 2 ? { kind: "answerLost" } : { kind: "unreachable" };
    };
    const one = stand(t, "one", client(flaky));
    const first = await one.until(leads);
    assert.ok(first.kind === "leading");
    await one.until((last) => last.kind === "leading" && last.heldUntilMonotonicMs > first.heldUntilMonotonicMs + 300);
    assert.equal(faults, 3);
    assert.equal(one.told.filter(follows).length, 1, "only the word before the election was won");
  });

  test("a process that comes back under the same name leads at once, in a new term", async (t) => {
    const { client } = startServer();
    let dead = false;
    const before = stand(
      t,
      "pod-1",
      client(() => (dead ? { kind: "unreachable" } : undefined)),
    );
    await before.until(leads);
    dead = true;
    const startedAtMs = Date.now();
    const after = stand(t, "pod-1", client());
    const leading = await after.until(leads);
    assert.ok(leading.kind === "leading" && leading.term === 2);
    assert.ok(Date.now() - startedAtMs < 500);
    dead = false;
    assert.deepEqual(await before.until(follows), { kind: "following", holder: "pod-1" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(
      before.told.at(-1),
      { kind: "following", holder: "pod-1" },
      "it took the lease back from its namesake",
    );
    assert.ok(before.logged.some((line) => line.endsWith("term 1: another process of our own name holds it")));
  });

  test("a lease that somebody deletes is lost at once and made anew in a higher term", async (t) => {
    const { client } = startServer();
    let deleted = false;
    // The API server compares the uid that the renewal carries with that of the object that is no more.
    const refused: Faults = ({ method }) => (deleted && method === "PUT" ? conflict : undefined);
    const one = stand(t, "one", client(refused));
    await one.until(leads);
    deleted = true;
    await client().delete("leases", { ...lease, signal: new AbortController().signal });
    await one.until((last) => last.kind === "leading" && last.term === 2);
    const words = one.told.map((word) => (word.kind === "leading" ? word.term : word.kind));
    assert.deepEqual([...new Set(words.slice(1))], [1, "following", 2]);
  });

  test("a lease that somebody takes away by hand is lost, and respected while its new holder renews", async (t) => {
    const { client } = startServer();
    const one = stand(t, "one", client());
    await one.until(leads);
    const by = client();
    const signal = new AbortController().signal;
    const body = { spec: { holderIdentity: "hand", leaseTransitions: 50 } };
    const patch = { type: "merge", body } as const;
    await by.patch("leases", { ...lease, patch, decode: decodeLease, signal });
    assert.deepEqual(await one.until(follows), { kind: "following", holder: "hand" });
    const leading = await one.until(leads);
    assert.ok(leading.kind === "leading" && leading.term === 51);
  });

  test("unknown fields and labels of the lease survive", async (t) => {
    const { client } = startServer();
    const signal = new AbortController().signal;
    const object = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { ...lease, labels: { keep: "me" } },
      spec: { strategy: "OldestEmulationVersion" },
    };
    await client().create("leases", { namespace: lease.namespace, object, decode: decodeLease, signal });
    const one = stand(t, "one", client());
    await one.until(leads);
    const { raw } = await read(client());
    assert.deepEqual(readValue(raw, "metadata.labels"), { keep: "me" });
    assert.equal(readValue(raw, "spec.strategy"), "OldestEmulationVersion");
  });

  test("no right to leases is written once, not each time", async (t) => {
    const { client } = startServer();
    const refused = JSON.stringify({
      kind: "Status",
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      message: "no",
    });
    const one = stand(
      t,
      "one",
      client(() => ({ kind: "answered", status: 403, headers: {}, body: refused })),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(
      one.logged.filter((line) => line.startsWith("warning")),
      ["warning Could not read or write the lease kube-system/kured: no"],
    );
  });

  test("three candidates with a bad network never lead at the same time, and terms only rise", async (t) => {
    const { client } = startServer();
    const bad: Faults = () => {
      const luck = Math.random();
      if (luck < 0.15) return { kind: "unreachable" };
      if (luck < 0.3) return { kind: "answerLost" };
      return luck < 0.4 ? { kind: "silent" } : undefined;
    };
    const candidates = ["one", "two", "three"].map((identity) => stand(t, identity, client(bad)));
    const terms: number[] = [];
    const endAtMs = Date.now() + 2_500;
    while (Date.now() < endAtMs) {
      const nowMs = clock.now().monotonicMs;
      const leading = candidates.flatMap(({ told }) => {
        const last = told.at(-1);
        return last?.kind === "leading" && nowMs < last.heldUntilMonotonicMs ? [last.term] : [];
      });
      assert.ok(leading.length <= 1, `several leaders: ${leading.join(", ")}`);
      if (leading[0] !== undefined && leading[0] !== terms.at(-1)) terms.push(leading[0]);
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    assert.ok(terms.length > 0, "nobody ever led");
    assert.deepEqual(
      terms,
      [...terms].sort((a, b) => a - b),
    );
  });
});

test("durations that do not fit each other are refused at once", async () => {
  const parts = { client: startServer().client(), clock, random: machineRandom(), log: { write: () => undefined } };
  const rest = { identity: "one", ...lease, onChange: () => undefined, signal: new AbortController().signal };
  const wrong = [
    { leaseDurationMs: 10_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 },
    { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 6_000 },
    { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 0 },
    { leaseDurationMs: NaN, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 },
  ];
  for (const durations of wrong) await assert.rejects(runElection({ ...parts, ...rest, ...durations }), RangeError);
});

import { transportFront } from "../../sim/apiserver/fronts/transport.ts";
import type { Faults } from "../../sim/apiserver/fronts/fault.ts";
import type { JsonObject } from "../../sim/apiserver/objects/json.ts";
import type { Authorizer } from "../../sim/apiserver/access.ts";
import { rig, rigStartMs } from "../../sim/apiserver/fronts/rig.ts";
import { adminOf, type Admin } from "../../sim/cluster/admin.ts";
import type { CleanupParts } from "../../src/cli/cleanup.ts";
import type { CommandEnd } from "../../src/cli/operator.ts";
import { parseArguments } from "../../src/config/parse-arguments.ts";
import { encodeRecord } from "../../src/core/fleet/record.ts";
import type { MaintenanceRecord } from "../../src/core/fleet/record.ts";
import { encodeReport } from "../../src/core/fleet/report.ts";
import type { Report } from "../../src/core/fleet/report.ts";
import { encodePublished, publish } from "../../src/core/verdict/published.ts";
import type { Reason } from "../../src/core/verdict/reason.ts";
import { machineClock } from "../../src/host/clock.ts";
import { kubeClient } from "../../src/kube/client.ts";

/** The instant at which operators look at a test's fleet: noon on the first day of 2026. */
export const lookedAtMs = rigStartMs;

/** So many seconds before the look. */
export function secondsAgo(seconds: number): number {
  return lookedAtMs - seconds * 1000;
}

/** A fleet in an in-memory API server, and what an operator's command says about it. */
export interface Fleet {
  node(name: string, annotations?: Readonly<Record<string, string>>, options?: NodeOptions): void;
  /** The DaemonSet that carries the lock. */
  daemonSet(annotations?: Readonly<Record<string, string>>): void;
  /** The coordinators' Lease. */
  lease(options?: { readonly holder?: string; readonly renewedAtMs?: number }): void;
  /** Time passes for the command only while it sleeps, and then at once. */
  run(command: (parts: CleanupParts) => Promise<CommandEnd>, ...argv: readonly string[]): Promise<CommandEnd>;
  /** To look at what a command has left, and to change it. */
  readonly admin: Admin;
}

/** Of a Node, as its kubelet and the people with kubectl have left it. */
export interface NodeOptions {
  readonly ready?: boolean;
  readonly cordoned?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly JsonObject[];
}

/** Starts an empty one. */
export function fleet(
  options: { readonly authorize?: Authorizer; readonly faults?: Faults; readonly width?: number } = {},
): Fleet {
  const { authorize, faults, width = 80 } = options;
  const { server } = rig(authorize === undefined ? {} : { authorize });
  const admin = adminOf(server);
  const transport = transportFront(server, { user: { name: "operator" }, ...(faults && { faults }) });
  const client = kubeClient({ transport, clock: machineClock(), requestTimeoutMs: 2_000 });
  return {
    admin,
    node: (name, annotations = {}, { ready = true, cordoned = false, labels = {}, taints = [] } = {}) => {
      const conditions = [{ type: "Ready", status: ready ? "True" : "Unknown" }];
      admin.create("/api/v1/nodes", {
        metadata: { name, annotations, labels },
        spec: { ...(cordoned && { unschedulable: true }), ...(taints.length > 0 && { taints }) },
        status: { conditions },
      });
    },
    daemonSet: (annotations = {}) => {
      admin.create("/apis/apps/v1/namespaces/kube-system/daemonsets", daemonSetObject(annotations));
    },
    lease: ({ holder = "kured-7d4f-x2x9p", renewedAtMs = secondsAgo(2) } = {}) => {
      const renewTime = new Date(renewedAtMs).toISOString().replace("Z", "000Z");
      const spec = { holderIdentity: holder, leaseDurationSeconds: 15, leaseTransitions: 4, renewTime };
      admin.create("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", { metadata: { name: "kured" }, spec });
    },
    run: (command, ...argv) => {
      const outcome = parseArguments({ argv, env: {}, program: "kured" });
      if (outcome.kind !== "settings") throw new Error(`${argv.join(" ")} is refused`);
      let sleptMs = 0;
      const sleep = (durationMs: number): Promise<void> => {
        sleptMs += durationMs;
        return Promise.resolve();
      };
      return command({
        client,
        clock: { now: () => ({ wallMs: lookedAtMs + sleptMs, monotonicMs: sleptMs }), sleep },
        settings: outcome.settings,
        target: 'https://10.0.0.1:6443, context "prod"',
        width,
        signal: new AbortController().signal,
      });
    },
  };
}

function daemonSetObject(annotations: Readonly<Record<string, string>>): JsonObject {
  const labels = { app: "kured" };
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [] } } };
  return { metadata: { name: "kured", annotations }, spec };
}

/** The annotation with an agent's report; by default nothing is required. */
export function reported(report: Partial<Report> = {}): Readonly<Record<string, string>> {
  const whole: Report = {
    pod: "6f0c6a52-5d3f-4f0e-9d8c-1b1f0f6f2a11",
    boot: "8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21/1234",
    bootedAtMs: secondsAgo(20 * 86_400),
    need: "notRequired",
    sinceMs: secondsAgo(20 * 86_400),
    evidence: "/var/run/reboot-required does not exist",
    ...report,
  };
  return { "kured.dev/report": encodeReport(whole) };
}

/** The report of a node that needs a reboot. */
export function required(report: Partial<Report> = {}): Readonly<Record<string, string>> {
  return reported({
    need: "required",
    sinceMs: secondsAgo(3 * 3600),
    evidence: "/var/run/reboot-required exists",
    ...report,
  });
}

/** The annotation with a published verdict. */
export function told(
  reasons: readonly [Reason, ...Reason[]],
  options: { readonly sinceMs?: number; readonly ledgerAgeMs?: number } = {},
): Readonly<Record<string, string>> {
  const { sinceMs = secondsAgo(240), ledgerAgeMs = 1_000 } = options;
  const ages = { sinceMs, decidedAtMs: secondsAgo(12), nodesAgeMs: 300, ledgerAgeMs };
  return { "kured.dev/verdict": encodePublished(publish({ node: "", reasons, recordId: "m1" }, ages)) };
}

/** The annotation with a maintenance record; by default the node is being drained. */
export function recorded(record: Partial<MaintenanceRecord> = {}): Readonly<Record<string, string>> {
  const whole: MaintenanceRecord = {
    owner: "kube-system/kured",
    id: "m1",
    term: 4,
    phase: "draining",
    phaseSinceMs: secondsAgo(240),
    boot: "8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21/1234",
    kubeletBoot: "8a1f3c52-0d2e-4a57-b1d0-0a4c1f1b7e21",
    machine: "uid-1",
    lock: "2026-01-01T11:55:58Z",
    cordon: "ours",
    attempt: 0,
    ...record,
  };
  return { "kured.dev/maintenance": encodeRecord(whole) };
}

/** The annotation with the lock, held by one node as kured writes it. */
export function locked(holder: { readonly nodeID: string; readonly created?: string; readonly TTL?: number }) {
  const { nodeID, created = "2026-01-01T11:55:58Z", TTL = 1_800_000_000_000 } = holder;
  const text = JSON.stringify({ nodeID, metadata: { unschedulable: false }, created, TTL });
  return { "weave.works/kured-node-lock": text };
}

/** The fleet that the documentation shows: one node in each kind of situation. */
export function exampleFleet(): Fleet {
  const example = fleet();
  example.daemonSet(locked({ nodeID: "worker-2" }));
  example.lease();
  example.node("control-1", reported());
  example.node("worker-1", {
    ...required({ sinceMs: secondsAgo(7_200) }),
    ...told([
      { code: "Held", reason: "end of quarter, ask the billing team", untilMs: lookedAtMs + 6 * 3_600_000 },
      { code: "LockedBy", holders: ["worker-2"], detail: '"worker-2" holds it until 2026-01-01T12:25:58.000Z' },
    ]),
    "kured.dev/hold": '{"until":"2026-01-01T18:00:00Z","reason":"end of quarter, ask the billing team"}',
  });
  const pod = "shop/web-7c9f-l8k2d stays: budget web has 2 healthy pods and needs 2.";
  example.node(
    "worker-2",
    {
      ...required(),
      ...recorded(),
      ...told([{ code: "DrainBlocked", left: 1, pods: [{ pod: "shop/web-7c9f-l8k2d", sentence: pod }] }]),
    },
    { cordoned: true },
  );
  example.node("worker-3", {
    ...required({ sinceMs: secondsAgo(600) }),
    ...told([{ code: "Queued", ahead: 1 }], { sinceMs: secondsAgo(590) }),
  });
  return example;
}

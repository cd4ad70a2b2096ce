import { setTimeout as sleep } from "node:timers/promises";
import type { TestClient } from "../client.ts";
import type { ComponentName } from "./commandlines.ts";
import type { Component } from "./component.ts";

export interface ReadinessOptions {
  /** What runs: a part that ends while we wait is the answer. */
  readonly parts: ReadonlyMap<ComponentName, Component>;
  readonly signal: AbortSignal;
}

const DEADLINE_MS = 60_000;

/** Resolves when the API server calls itself ready. */
export function untilReady(admin: TestClient, options: ReadinessOptions): Promise<void> {
  return until(async () => (await admin.send("GET", "/readyz")).status === 200, options);
}

/** Resolves when the controllers have done their first work: without the default account no pod can be created. */
export function untilControllersWork(admin: TestClient, options: ReadinessOptions): Promise<void> {
  const account = { kind: "ServiceAccount", metadata: { namespace: "default", name: "default" } };
  return until(async () => (await admin.find(account)) !== undefined, options);
}

async function until(isTrue: () => Promise<boolean>, { parts, signal }: ReadinessOptions): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  for (let trouble = ""; Date.now() < deadlineMs; await sleep(50, undefined, { signal })) {
    for (const part of parts.values()) {
      const words = part.ended();
      if (words !== undefined) throw new Error(`The control plane did not come up: ${words}`);
    }
    try {
      if (await isTrue()) return;
    } catch (error) {
      signal.throwIfAborted();
      trouble = String(error); // Refused connections are normal until the server listens.
    }
    if (Date.now() + 1000 > deadlineMs) throw new Error(`The control plane was not ready after 60 s: ${trouble}`);
  }
}

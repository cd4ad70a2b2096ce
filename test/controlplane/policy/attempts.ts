import assert from "node:assert/strict";
import { test } from "node:test";
import type { RawAnswer, TestClient } from "../client.ts";

/** Who said no: the authorizer, the API server's own admission of kubelets, or one of our policies. */
export type Refuser = "RBAC" | "NodeRestriction" | PolicyName;

/** The policies of manifests/coordinated.yaml. */
export const POLICIES = [
  "kured-agent",
  "kured-coordinator-lock",
  "kured-coordinator-nodes",
  "kured-kubelets",
  "kured-other-accounts",
] as const;

export type PolicyName = (typeof POLICIES)[number];

/** One request, whoever makes it. */
export interface Attempt {
  readonly verb: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** A merge patch unless given. */
  readonly patch?: "merge" | "json" | "strategic";
}

export async function attempt(client: TestClient, { verb, path, body, patch = "merge" }: Attempt): Promise<RawAnswer> {
  const kind = patch === "strategic" ? "strategic-merge-patch" : `${patch}-patch`;
  return await client.send(verb, path, {
    ...(body !== undefined && { body }),
    ...(verb === "PATCH" && { contentType: `application/${kind}+json` }),
  });
}

/** The request must be answered with 2xx. */
export async function assertAllowed(client: TestClient, wanted: Attempt): Promise<void> {
  const { status, text } = await attempt(client, wanted);
  assert.ok(status < 300, `${wanted.verb} ${wanted.path} was refused: ${status} ${text}`);
}

/** The request must be refused with 403, by that layer, in words that match. */
export async function assertRefused(
  client: TestClient,
  wanted: Attempt,
  { by, says = /(?:)/ }: { readonly by: Refuser; readonly says?: RegExp },
): Promise<void> {
  const { status, text } = await attempt(client, wanted);
  assert.equal(status, 403, `${wanted.verb} ${wanted.path}: ${text}`);
  const { message } = JSON.parse(text) as { readonly message: string };
  assert.equal(refuserIn(message), by, message);
  assert.match(message, says);
}

function refuserIn(message: string): string {
  const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(message)?.[1];
  if (policy !== undefined) return policy;
  return / User "[^"]+" cannot /.test(message) ? "RBAC" : "NodeRestriction";
}

/** What is attempted, and words of the refusal. */
export type Row = readonly [what: string, wanted: () => Attempt | Promise<Attempt>, says?: RegExp];

/** A test for each row: this layer refuses that request. */
export function refusals(
  { who, client, by }: { readonly who: string; readonly client: () => TestClient; readonly by: Refuser },
  rows: readonly Row[],
): void {
  for (const [what, wanted, says] of rows) {
    test(`${who} may not ${what}: ${by}`, async () => {
      await assertRefused(client(), await wanted(), { by, ...(says && { says }) });
    });
  }
}

import assert from "node:assert/strict";
import type { RawAnswer, TestClient } from "../client.ts";

/** Who said no: an authorizer, an admission plug-in of the API server, its validation, or one of our policies. */
export type Refuser =
  | "RBAC"
  | "Node authorizer"
  | "NodeRestriction"
  | "ServiceAccount admission"
  | "API validation"
  | PolicyName;

/** The policies of manifests/coordinated.yaml. */
export const POLICIES = [
  "kured-agent",
  "kured-coordinator-lease",
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
  readonly headers?: Readonly<Record<string, string>>;
}

export async function attempt(
  client: TestClient,
  { verb, path, body, patch = "merge", headers }: Attempt,
): Promise<RawAnswer> {
  const kind = patch === "strategic" ? "strategic-merge-patch" : `${patch}-patch`;
  return await client.send(verb, path, {
    ...(body !== undefined && { body }),
    ...(headers && { headers }),
    ...(verb === "PATCH" && { contentType: `application/${kind}+json` }),
  });
}

/** The same without a consequence. */
export function rehearsed(wanted: Attempt): Attempt {
  if (wanted.verb === "GET") return wanted;
  return { ...wanted, path: `${wanted.path}${wanted.path.includes("?") ? "&" : "?"}dryRun=All` };
}

/**
 * The request must be answered with 2xx. Given as a function it rests on a version that was read for it, and is made
 * anew where a controller of the cluster has written the object meanwhile.
 */
export async function assertAllowed(
  client: TestClient,
  wanted: Attempt | (() => Promise<Attempt>),
  { triesLeft = 5 }: { readonly triesLeft?: number } = {},
): Promise<void> {
  const request = typeof wanted === "function" ? await wanted() : wanted;
  const { status, text } = await attempt(client, request);
  if (status === 409 && typeof wanted === "function" && triesLeft > 0)
    return assertAllowed(client, wanted, { triesLeft: triesLeft - 1 });
  assert.ok(status < 300, `${request.verb} ${request.path} was refused: ${status} ${text}`);
}

/**
 * The request must be refused by that layer, in words that hold these; by validation with 422, by all others with 403.
 */
export async function assertRefused(
  client: TestClient,
  wanted: Attempt,
  { by, says = "" }: { readonly by: Refuser; readonly says?: string },
): Promise<void> {
  const { status, text } = await attempt(client, wanted);
  assert.equal(status, by === "API validation" ? 422 : 403, `${wanted.verb} ${wanted.path}: ${text}`);
  const said = JSON.parse(text) as Refusal;
  assert.equal(refuserIn(said), by, said.message);
  assert.ok(said.message.includes(says), `"${says}" is not in: ${said.message}`);
}

interface Refusal {
  readonly message: string;
  readonly reason: string;
}

function refuserIn({ message, reason }: Refusal): string {
  const policy = /ValidatingAdmissionPolicy '([^']+)'/.exec(message)?.[1];
  if (policy !== undefined) return policy;
  // RBAC grants kubelets nothing, so that for them the Node authorizer has the last word.
  if (/ User "system:node:[^"]+" cannot /.test(message)) return "Node authorizer";
  if (/ User "[^"]+" cannot /.test(message)) return "RBAC";
  if (reason === "Invalid") return "API validation";
  if (/may not reference service accounts/.test(message)) return "ServiceAccount admission";
  return /\bnode\b/.test(message) ? "NodeRestriction" : `somebody who says ${message}`;
}

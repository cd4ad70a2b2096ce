import assert from "node:assert/strict";
import test from "node:test";
import { describeFailure } from "./answers.ts";
import type { Answer, Failure } from "./answers.ts";
import { decodeObject } from "./object.ts";
import { readAnswer } from "./wire/read-answer.ts";

interface Case {
  readonly says: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly expected: Partial<Record<string, unknown>> & { readonly kind: Failure["kind"] };
}

function status(code: number, reason: string, extra: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "as told",
    reason,
    code,
    ...extra,
  };
}

const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";

function budgetStatus(text: string, extra: Record<string, unknown> = {}): Record<string, unknown> {
  const details = { causes: [{ reason: "DisruptionBudget", message: text }], ...extra };
  return status(429, "TooManyRequests", { message: refusal, details });
}

const webhookSays = 'admission webhook "guard.example.com" denied the request: not now';

const cases: readonly Case[] = [
  { says: "not found", status: 404, body: status(404, "NotFound"), expected: { kind: "gone", message: "as told" } },
  { says: "conflict", status: 409, body: status(409, "Conflict"), expected: { kind: "conflict" } },
  { says: "exists already", status: 409, body: status(409, "AlreadyExists"), expected: { kind: "alreadyExists" } },
  { says: "version too old", status: 410, body: status(410, "Expired"), expected: { kind: "expired" } },
  { says: "version too old, older word", status: 410, body: status(410, "Gone"), expected: { kind: "expired" } },
  { says: "invalid", status: 422, body: status(422, "Invalid"), expected: { kind: "invalid" } },
  {
    says: "a webhook's 404, which says nothing about the object",
    status: 404,
    body: status(404, "NotFound", { message: webhookSays }),
    expected: { kind: "invalid", message: webhookSays },
  },
  {
    says: "a webhook's 409 without a reason",
    status: 409,
    body: status(409, "", { message: webhookSays }),
    expected: { kind: "invalid", message: webhookSays },
  },
  { says: "forbidden", status: 403, body: status(403, "Forbidden"), expected: { kind: "forbidden" } },
  { says: "unauthorized", status: 401, body: status(401, "Unauthorized"), expected: { kind: "unauthorized" } },
  { says: "bad request", status: 400, body: status(400, "BadRequest"), expected: { kind: "badRequest", status: 400 } },
  {
    says: "wrong method",
    status: 405,
    body: status(405, "MethodNotAllowed"),
    expected: { kind: "badRequest", status: 405 },
  },
  { says: "too large", status: 413, body: status(413, "RequestEntityTooLarge"), expected: { kind: "badRequest" } },
  {
    says: "wrong media type",
    status: 415,
    body: status(415, "UnsupportedMediaType"),
    expected: { kind: "badRequest" },
  },
  {
    says: "internal error",
    status: 500,
    body: status(500, "InternalError"),
    expected: { kind: "serverError", status: 500 },
  },
  {
    says: "unavailable",
    status: 503,
    body: status(503, "ServiceUnavailable"),
    expected: { kind: "serverError", status: 503 },
  },
  {
    says: "timed out with a wish",
    status: 504,
    body: status(504, "Timeout", { details: { retryAfterSeconds: 10 } }),
    expected: { kind: "serverError", status: 504, retryAfterMs: 10_000 },
  },
  {
    says: "namespace being deleted",
    status: 403,
    body: status(403, "Forbidden", { details: { causes: [{ reason: "NamespaceTerminating", message: "x" }] } }),
    expected: { kind: "terminatingNamespace" },
  },
  {
    says: "throttled by priority and fairness in plain text",
    status: 429,
    headers: { "retry-after": "1" },
    body: "Too many requests, please try again later.",
    expected: { kind: "throttled", retryAfterMs: 1_000 },
  },
  {
    says: "throttled with a Status without a cause",
    status: 429,
    body: status(429, "TooManyRequests"),
    expected: { kind: "throttled", retryAfterMs: undefined },
  },
  {
    says: "429 whatever the reason",
    status: 429,
    body: status(429, "Forbidden"),
    expected: { kind: "throttled", retryAfterMs: undefined },
  },
  {
    says: "refused by a budget with its numbers",
    status: 429,
    body: budgetStatus("The disruption budget web needs 2 healthy pods and has 1 currently"),
    expected: {
      kind: "budgetRefused",
      message: `${refusal} The disruption budget web needs 2 healthy pods and has 1 currently`,
      budget: "web",
      neededHealthy: 2,
      currentHealthy: 1,
      beingProcessed: false,
      retryAfterMs: undefined,
    },
  },
  {
    says: "refused by a budget that is still being processed",
    status: 429,
    headers: { "retry-after": "10" },
    body: budgetStatus("The disruption budget web-1.a is still being processed by the server.", {
      retryAfterSeconds: 10,
    }),
    expected: {
      kind: "budgetRefused",
      budget: "web-1.a",
      neededHealthy: undefined,
      currentHealthy: undefined,
      beingProcessed: true,
      retryAfterMs: 10_000,
    },
  },
  {
    says: "refused by a budget in words of another version",
    status: 429,
    body: budgetStatus("nope"),
    expected: { kind: "budgetRefused", message: `${refusal} nope`, budget: undefined, beingProcessed: false },
  },
  {
    says: "two budgets on one pod",
    status: 500,
    body: status(500, "InternalError", {
      message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    }),
    expected: { kind: "severalBudgets" },
  },
  { says: "a reason nobody knows, by its code", status: 409, body: status(409, "Odd"), expected: { kind: "conflict" } },
  { says: "no reason, by its code", status: 404, body: status(404, ""), expected: { kind: "gone" } },
  { says: "the reason rules over the code", status: 500, body: status(500, "NotFound"), expected: { kind: "gone" } },
  { says: "a failure that comes with 200", status: 200, body: status(404, "NotFound"), expected: { kind: "gone" } },
  {
    says: "a Status with fields of odd types",
    status: 409,
    body: { kind: "Status", code: "x", reason: 7, message: {}, details: { causes: "none", retryAfterSeconds: "soon" } },
    expected: { kind: "conflict", message: "Failure (409)" },
  },
  {
    says: "an absurd Retry-After",
    status: 503,
    headers: { "retry-after": "999999999" },
    body: "later",
    expected: { kind: "serverError", retryAfterMs: 3_600_000 },
  },
  {
    says: "a Retry-After that is a date",
    status: 503,
    headers: { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" },
    body: "later",
    expected: { kind: "serverError", retryAfterMs: undefined },
  },
  {
    says: "a proxy's 502 in HTML",
    status: 502,
    body: "<html>\n  bad gateway</html>",
    expected: { kind: "serverError", status: 502, message: "answered 502: <html> bad gateway</html>" },
  },
  {
    says: "a proxy's 404, which proves nothing about the object",
    status: 404,
    body: "404 page not found",
    expected: { kind: "notJson", status: 404, excerpt: "404 page not found" },
  },
  { says: "a proxy's 404 in JSON", status: 404, body: { error: "no route" }, expected: { kind: "malformed" } },
  { says: "a proxy's 403", status: 403, body: "no", expected: { kind: "forbidden", message: "answered 403: no" } },
  { says: "a proxy's 401", status: 401, body: "", expected: { kind: "unauthorized", message: "answered 401" } },
  { says: "a redirect", status: 302, body: "", expected: { kind: "notJson", status: 302 } },
  {
    says: "a login page",
    status: 200,
    body: "<html>Log in</html>",
    expected: { kind: "notJson", excerpt: "<html>Log in</html>" },
  },
  { says: "an empty answer", status: 200, body: "", expected: { kind: "notJson", status: 200, excerpt: "" } },
  {
    says: "cut JSON",
    status: 200,
    body: '{"metadata":{"na',
    expected: { kind: "notJson", excerpt: '{"metadata":{"na' },
  },
  {
    says: "an object without a uid",
    status: 200,
    body: { metadata: { name: "a", resourceVersion: "1" } },
    expected: { kind: "malformed", message: "metadata.uid should be a text, but is nothing" },
  },
  {
    says: "a number for a label",
    status: 200,
    body: { metadata: { name: "a", uid: "u", resourceVersion: "1", labels: { a: 1 } } },
    expected: {
      kind: "malformed",
      message: 'metadata.labels should be an object of texts, but is {"a":1}',
      excerpt: '{"a":1}',
    },
  },
];

for (const { says, status, headers = {}, body, expected } of cases) {
  test(`an answer is named: ${says}`, () => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const answer = readAnswer({ status, headers, text }, decodeObject);
    assert.ok(answer.kind !== "ok");
    assert.deepEqual(pick(answer, Object.keys(expected)), expected);
    assert.ok(describeFailure(answer).length > 3);
  });
}

test("every name of a failure has a case here", () => {
  const named = new Set<string>(cases.map(({ expected }) => expected.kind));
  const all: Readonly<Record<Failure["kind"], boolean>> = {
    gone: true,
    conflict: true,
    alreadyExists: true,
    expired: true,
    invalid: true,
    forbidden: true,
    terminatingNamespace: true,
    unauthorized: true,
    throttled: true,
    budgetRefused: true,
    severalBudgets: true,
    badRequest: true,
    serverError: true,
    unreachable: false, // Not an answer: client.test.ts and https.test.ts.
    notJson: true,
    malformed: true,
  };
  assert.deepEqual(
    [...named].sort(),
    Object.keys(all)
      .filter((kind) => all[kind as Failure["kind"]])
      .sort(),
  );
});

test("a success is what the decoder makes of it", () => {
  const body = { kind: "Node", metadata: { name: "n1", uid: "u", resourceVersion: "7" }, spec: { x: 1 } };
  const answer = readAnswer({ status: 200, headers: {}, text: JSON.stringify(body) }, decodeObject);
  assert.ok(answer.kind === "ok");
  assert.equal(answer.value.name, "n1");
  assert.deepEqual(answer.value.raw, body);
});

test("a decoder that breaks gives an answer, not a crash", () => {
  const answer = readAnswer({ status: 200, headers: {}, text: "{}" }, () => {
    throw new TypeError("no such field");
  });
  assert.deepEqual(answer, { kind: "malformed", message: "no such field", excerpt: "{}" });
});

function pick(answer: Answer<unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(answer).filter(([key]) => keys.includes(key)));
}

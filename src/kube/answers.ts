/** What came of a request. Callers handle by name what they can act on, and `describeFailure` the rest. */
export type Answer<T> = { readonly kind: "ok"; readonly value: T } | Failure;

/** `message` is the API server's own sentence, or ours where it gave none. */
export type Failure =
  /** 404, from the API server itself: surely no such object. A proxy's bare 404 is `notJson` and proves nothing. */
  | { readonly kind: "gone"; readonly message: string }
  /** 409: the object is not as the request supposes (resourceVersion, uid). Look again, decide again. */
  | { readonly kind: "conflict"; readonly message: string }
  /** 409 of a create: there is one of this name already. */
  | { readonly kind: "alreadyExists"; readonly message: string }
  /** 410: the resourceVersion or the continue token is too old. List anew. */
  | { readonly kind: "expired"; readonly message: string }
  /**
   * 422: refused by validation, by an admission policy, or by a failed `test` of a JSON patch, which look the same.
   * Also an admission webhook's 404, 409 and 410, which say nothing about the object.
   */
  | { readonly kind: "invalid"; readonly message: string }
  /** 403: no right to do this. */
  | { readonly kind: "forbidden"; readonly message: string }
  /** 403 of an eviction from a namespace that is being deleted; its pods go anyway. */
  | { readonly kind: "terminatingNamespace"; readonly message: string }
  /** 401, also with a token just read again. */
  | { readonly kind: "unauthorized"; readonly message: string }
  /** 429 from API priority and fairness: the server is busy. Says nothing about disruption budgets. */
  | { readonly kind: "throttled"; readonly message: string; readonly retryAfterMs: number | undefined }
  /** 429 of an eviction that a disruption budget does not allow now. */
  | BudgetRefused
  /** 500 of an eviction: two or more budgets select the pod, which no waiting cures. */
  | { readonly kind: "severalBudgets"; readonly message: string }
  /** Any other 4xx: the request is wrong, and repeating it helps nobody. */
  | { readonly kind: "badRequest"; readonly status: number; readonly message: string }
  /** 408 or any other 5xx. Whether a write was done is unknown. */
  | {
      readonly kind: "serverError";
      readonly status: number;
      readonly message: string;
      readonly retryAfterMs: number | undefined;
    }
  /** No answer, or it broke off, or it took too long. Whether a write was done is unknown. */
  | { readonly kind: "unreachable"; readonly message: string }
  /** The answer is not JSON, so not the API server's: some proxy's, or another server's. */
  | { readonly kind: "notJson"; readonly status: number; readonly message: string; readonly excerpt: string }
  /** JSON of another shape than was asked for; the message names the place and the offending value. */
  | { readonly kind: "malformed"; readonly message: string; readonly excerpt: string };

/** Numbers and name come from the API server's sentence and are undefined where that is worded differently. */
export interface BudgetRefused {
  readonly kind: "budgetRefused";
  /** `Cannot evict pod as it would violate the pod's disruption budget.` and the sentences of all causes. */
  readonly message: string;
  /** In the pod's namespace. */
  readonly budget: string | undefined;
  readonly neededHealthy: number | undefined;
  readonly currentHealthy: number | undefined;
  /** The budget has not been looked at since its last change; the numbers are to come in some seconds. */
  readonly beingProcessed: boolean;
  readonly retryAfterMs: number | undefined;
}

/** One sentence for a log line or an event, without a full stop. */
export function describeFailure(failure: Failure): string {
  switch (failure.kind) {
    case "unreachable":
      return `the API server cannot be reached: ${failure.message}`;
    case "notJson":
      return `${failure.message}: ${failure.excerpt}`;
    case "unauthorized":
      return `the API server does not accept our credentials: ${failure.message}`;
    case "malformed":
      return `the API server's answer makes no sense: ${failure.message}`;
    default:
      return failure.message;
  }
}

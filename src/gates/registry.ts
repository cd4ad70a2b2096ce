import type { KubeClient } from "../kube/client.ts";
import type { Clock } from "../ports/clock.ts";
import type { Web } from "../ports/web.ts";
import { blockingPods } from "./blocking-pods.ts";
import { loadExpressions, type Expression } from "./expression.ts";
import type { Gate } from "./gate.ts";
import { prometheusAlerts } from "./prometheus.ts";

/** Which gate is wanted. */
export type GateOptions =
  /** `--prometheus-url` and what filters its alerts; the expression is RE2, and an empty one matches every name. */
  | {
      readonly kind: "alerts";
      readonly url: string;
      readonly filter: string | undefined;
      readonly matchOnly: boolean;
      readonly firingOnly: boolean;
    }
  /** `--blocking-pod-selector`, in Kubernetes' grammar. */
  | { readonly kind: "pods"; readonly selectors: readonly string[] };

/** What gates ask with. */
export interface GateParts {
  readonly client: KubeClient;
  readonly web: Web;
  readonly clock: Clock;
}

/** The gate for these options; rejects on an expression that `config/` should have refused. */
export async function gateFor(options: GateOptions, parts: GateParts): Promise<Gate> {
  switch (options.kind) {
    case "alerts": {
      const { filter: text, ...rest } = options;
      return prometheusAlerts({ ...rest, ...(text !== undefined && { filter: await expressionOf(text) }) }, parts);
    }
    case "pods":
      return blockingPods(options.selectors, parts);
  }
}

async function expressionOf(text: string): Promise<Expression> {
  const compiled = (await loadExpressions())(text);
  if (compiled.kind === "invalid") throw new Error(compiled.message);
  return compiled.expression;
}

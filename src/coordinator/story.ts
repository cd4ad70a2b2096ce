import type { Action } from "../core/action.ts";
import type { Log, LogLevel } from "../ports/log.ts";

/** Tells the log what is being done, in the words that kured's users search for. */
export interface Story {
  before(action: Action): void;
  after(action: Action): void;
  /** `expected` where it is everyday life: a budget's no, or an object that has changed meanwhile. */
  failed(action: Action, options: { readonly why: string; readonly expected: boolean }): void;
}

/** A story written to the log. */
export function createStory(log: Log): Story {
  return {
    before: (action) => write(log, beforeLines(action), action),
    after: (action) => write(log, afterLines(action), action),
    failed: (action, { why, expected }) => {
      const level: LogLevel = !expected ? "warning" : action.kind === "evict" ? "info" : "debug";
      log.write(level, `${failedLine(action)}: ${why}`, { node: action.node });
    },
  };
}

function write(log: Log, lines: readonly string[], { node }: Action): void {
  for (const line of lines) log.write("info", line, { node });
}

/** kured announces what it is about to do in these words. */
function beforeLines(action: Action): readonly string[] {
  switch (action.kind) {
    case "writeRecord":
      if (action.step === "cordon") return [...markLines(action), `Draining node ${action.node}`];
      if (action.unschedulable === false) return [`Uncordoning node ${action.node}`, ...markLines(action)];
      return markLines(action);
    case "writeLedger":
      return action.step === "release" ? ["Releasing lock"] : [];
    case "evict":
      return [`evicting pod ${action.namespace}/${action.pod}`];
    case "deletePod":
      return [`Deleting pod ${action.namespace}/${action.pod}, because the time of its drain is over`];
    case "notify":
      return [];
  }
}

/** kured's own lines; it has none for a label that is removed. */
function markLines({ node, marks }: Extract<Action, { kind: "writeRecord" }>): readonly string[] {
  const annotations = Object.entries(marks?.annotations ?? {}).map(([key, value]) =>
    value === null ? `Deleting node ${node} annotation ${key}` : `Adding node ${node} annotation: ${key}=${value}`,
  );
  const labels = Object.entries(marks?.labels ?? {}).map(([key, value]) =>
    value === null ? `Removing node ${node} label: ${key}` : `Updating node ${node} label: ${key}=${value}`,
  );
  return [...annotations, ...labels];
}

function afterLines(action: Action): readonly string[] {
  switch (action.kind) {
    case "writeLedger":
      if (action.step === "take") return ["Acquired reboot lock"];
      if (action.step === "free") return [`Freed the lock entry of ${action.node}, which is over`];
      if (action.step === "release") return [`Released the lock of node ${action.node}`];
      return [];
    case "writeRecord":
      return [...recordLines(action), ...(action.marks?.taint ? [`Node taint ${action.marks.taint.change}`] : [])];
    case "evict":
    case "deletePod":
    case "notify":
      return [];
  }
}

function recordLines({ step, node, record }: Extract<Action, { kind: "writeRecord" }>): readonly string[] {
  switch (step) {
    case "cordon":
      return [record?.cordon === "ours" ? `Cordoned node ${node}` : `Node ${node} was cordoned by somebody else`];
    case "approve":
      return [`Approved the reboot of node ${node}`];
    case "reboot":
      return [`Node ${node} has committed to its reboot`];
    case "return":
      return ["Holding lock", `Node ${node} has booted again`];
    case "adopt":
      return ["Holding lock", `Took over node ${node}, which was left in mid-work`];
    case "resume":
      return [`Took the approval of node ${node} back`];
    case "intend":
    case "claim":
    case "doubt":
    case "owners":
    case "drained":
    case "fail":
    case "close":
    case "raiseTerm":
    case "mark":
    case "note":
    case "forget":
      return [];
  }
}

/** In kured's and kubectl's words where they have some; what is refused is tried again. */
function failedLine(action: Action): string {
  switch (action.kind) {
    case "writeRecord":
      if (action.step === "cordon") return `Error cordonning ${action.node}: cordon error`;
      if (action.unschedulable === false) return `Error uncordonning ${action.node}`;
      return `Writing step ${action.step} of node ${action.node} was refused`;
    case "writeLedger":
      return `Error ${action.step === "take" ? "acquiring" : action.step === "release" ? "releasing" : "updating"} lock`;
    case "evict":
      return `error when evicting pods/"${action.pod}" -n "${action.namespace}" (will retry)`;
    case "deletePod":
      return `Pod ${action.namespace}/${action.pod} was not deleted`;
    case "notify":
      return `People were not told of ${action.milestone}`;
  }
}

import { formatInstant } from "../json.ts";
import type { DrainProgress, PodInTheWay, Reason } from "./reason.ts";

/**
 * The sentence that an operator reads. It says what is the case, what it waits for and, if she can act, how. One line
 * without anything that could steer a terminal: it goes into events and annotations, and half of it strangers wrote.
 */
export function sentence(reason: Reason): string {
  return printable(words(reason));
}

function words(reason: Reason): string {
  switch (reason.code) {
    case "NotRequired":
      return `No reboot is required: ${reason.evidence}.`;
    case "SentinelUnknown":
      return `Whether a reboot is required cannot be told, so there will be none: ${reason.evidence}.`;
    case "AgentMissing":
      return `No live agent speaks for this node: ${reason.detail}.`;
    case "CannotReboot":
      return `The node could not be rebooted, so it is not drained either: ${reason.detail}.`;
    case "ReportUnreadable":
      return `The annotation kured.dev/report is not an agent's (${reason.detail}): ${excerpt(reason.text)}.`;
    case "RecordUnreadable":
      return `The annotation kured.dev/maintenance cannot be read (${reason.detail}), so this node is left alone until somebody removes it: ${excerpt(reason.text)}.`;
    case "OwnedByOther":
      return `The kured installation ${reason.owner} is at work on this node.`;
    case "Paused":
      return `${reason.scope === "fleet" ? "The whole fleet" : "This node"} is paused${because(reason.reason)}${until(reason.untilMs)}.`;
    case "Held":
      return `This node is held${because(reason.reason)}${until(reason.untilMs)}.`;
    case "OutsideWindow":
      return `Reboots are allowed ${reason.window}${reason.opensAtMs === undefined ? ", which never opens" : `; that opens at ${formatInstant(reason.opensAtMs)}`}.`;
    case "LockedBy":
    case "LockUnknown":
      return `The lock ${reason.code === "LockedBy" ? "is not free" : "cannot be read"}: ${reason.detail}.`;
    case "BudgetFull":
      return `At most ${reason.limit} ${reason.limit === 1 ? "node" : "nodes"} may be unavailable, and ${list(reason.unavailable)}.`;
    case "Queued":
      return `${reason.ahead === 1 ? "One node has" : `${reason.ahead} nodes have`} needed a reboot for longer and ${reason.ahead === 1 ? "goes" : "go"} first.`;
    case "RollOutStopped":
      return `Nothing is begun while ${list(reason.nodes)} ${reason.nodes.length === 1 ? "has" : "have"} not come back.`;
    case "BlockedByAlert":
    case "BlockedByPod":
    case "GateClosed":
    case "GateUnknown":
      return `Reboot blocked${gate(reason)}: ${reason.detail}.`;
    case "Resting":
      return `The last try was given up (${reason.because}); the next is at ${formatInstant(reason.untilMs)} or soon after.`;
    case "ViewTooOld":
      return `What is known of ${reason.what} is too old to act on.`;
    case "DrainInfeasible":
    case "Draining":
    case "DrainBlocked":
      return drain(reason);
    case "DrainTimedOut":
      return `The drain did not end within ${seconds(reason.afterMs)}, so the node is given back.`;
    case "Claiming":
    case "CordonLost":
    case "LockLost":
    case "Approved":
    case "Done":
      return "adopts" in reason ? adopting : always[reason.code];
    case "Drained":
      return `${drained(reason.left)} waits for ${reason.detail}.`;
    case "Rebooting":
      return `The reboot was commanded; the machine should be back by ${formatInstant(reason.untilMs)}.`;
    case "RebootOverdue":
      return `The machine has not come back since ${formatInstant(reason.sinceMs)}: ${reason.detail}.`;
    case "Failed":
      return `The reboot failed: ${reason.detail}.`;
    case "Returning":
      return `The machine has booted again and waits for ${reason.detail}.`;
    case "StillRequired":
      return `The machine was rebooted and still asks for it, so it is not rebooted again: ${reason.evidence}.`;
    case "Closing":
      return `The node is given back: ${reason.detail}.`;
    case "NotLeading":
      return `${leader(reason.holder)}; this one waits.`;
  }
}

function drain(reason: Extract<Reason, { readonly code: "Draining" | "DrainBlocked" | "DrainInfeasible" }>): string {
  if (reason.code === "Draining") return `Draining: ${left(reason)}`;
  if (reason.code === "DrainBlocked") return `The drain is blocked: ${left(reason)}`;
  const begun = reason.blocks ? "No drain is begun because of" : "A drain is begun in spite of";
  return `${begun} ${count(reason.left)}${pods(reason.pods)}`;
}

/** With so many pods left its time was over. */
function drained(number = 0): string {
  return number === 0
    ? "The node is drained and"
    : `The time for the drain is over with ${count(number)} left; the node`;
}

/** How many pods are left, once they have been looked at, and what keeps them there. */
function left({ left: number, pods: inTheWay }: DrainProgress): string {
  if (number !== undefined) return `${count(number)} left${pods(inTheWay)}`;
  return inTheWay.length === 0 ? "its pods are being looked at." : inTheWay.map(({ sentence: why }) => why).join(" ");
}

function leader(holder: string): string {
  return holder === "" ? "No coordinator is known to lead" : `The coordinator ${holder} leads`;
}

function gate(reason: Extract<Reason, { readonly code: "BlockedByAlert" | "BlockedByPod" | `Gate${string}` }>): string {
  if (reason.code === "GateClosed") return ` by the gate ${reason.gate}`;
  return reason.code === "GateUnknown" ? `, because the gate ${reason.gate} cannot be asked` : "";
}

function because(reason: string): string {
  return reason === "" ? "" : ` (${excerpt(reason)})`;
}

function until(untilMs: number | undefined): string {
  return untilMs === undefined ? "" : ` until ${formatInstant(untilMs)}`;
}

function count(left: number): string {
  return left === 1 ? "1 pod" : `${left} pods`;
}

/** What keeps several of them is said once. */
function pods(inTheWay: readonly PodInTheWay[]): string {
  if (inTheWay.length === 0) return ".";
  // A refusal may be the API server's own words, which end as they like.
  const words = new Set(inTheWay.map(({ sentence: why }) => (/[.!?]$/.test(why) ? why : `${why}.`)));
  return `: ${[...words].join(" ")}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

/** No more than a reader takes in: in a large fleet hundreds of nodes are away at once, and each verdict says so. */
function list(items: readonly string[]): string {
  if (items.length <= 1) return items.join("");
  if (items.length > listedMax) return `${items.slice(0, listedMax).join(", ")} and ${items.length - listedMax} more`;
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

const listedMax = 10;

/** What a stranger wrote, short enough for one line. */
function excerpt(text: string): string {
  const line = printable(text);
  return JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
}

/** Control characters, line ends of all kinds, what turns the direction of writing, and halves of characters. */
function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ");
}

const adopting = "The lock has an entry of this node without a record: it is taken over, and its cordon with it.";

/** Sentences that never vary. */
const always = {
  Claiming: "It is this node's turn: the lock is being taken.",
  Approved: "The agent may reboot the machine now.",
  Done: "The machine was rebooted, is Ready, and needs no reboot any more.",

  CordonLost: "Somebody took the cordon away while the node was being drained, so it is given back.",
  LockLost: "Our lock entry is gone, so the node is given back.",
} as const;

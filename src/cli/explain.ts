import { decodeNodeFacts } from "../kube/node.ts";
import { coordinatorText } from "./facts/coordinator.ts";
import { lockTexts } from "./facts/lock.ts";
import { recordRows } from "./facts/record.ts";
import { reportRows } from "./facts/report.ts";
import { requestText } from "./facts/request.ts";
import { explainJson } from "./json.ts";
import { failed } from "./operator.ts";
import type { CommandEnd, OperatorParts } from "./operator.ts";
import { pictureOf } from "./picture.ts";
import type { Moment, NodePicture } from "./picture.ts";
import type { NodeState } from "./state.ts";
import { readSurroundings } from "./surroundings.ts";
import { excerpt, printable } from "./text/printable.ts";
import { heading, section } from "./text/rows.ts";
import type { Row } from "./text/rows.ts";
import { ago, lasting, span } from "./text/times.ts";
import { hanging } from "./text/wrap.ts";

/** `kured explain NODE`: one node's published verdict with all its reasons, and everything that it rests on. */
export async function explain(parts: OperatorParts): Promise<CommandEnd> {
  const { client, clock, settings, target, signal } = parts;
  const [name = ""] = settings.positionals;
  const [node, surroundings] = await Promise.all([
    client.get("nodes", { name, decode: decodeNodeFacts, signal }),
    readSurroundings(parts),
  ]);
  if (node.kind === "gone") {
    return { kind: "failed", sentence: `There is no node ${excerpt(name)} at ${printable(target)}` };
  }
  if (node.kind !== "ok") return failed(`The node ${excerpt(name)}`, { failure: node, target });
  const explained: Explained = { ...pictureOf(node.value), surroundings, nowMs: clock.now().wallMs };
  const text = settings.output === "json" ? explainJson(explained, explained) : explainText(explained, parts);
  return { kind: "shown", text };
}

type Explained = NodePicture & Moment;

function explainText(explained: Explained, { settings, width }: OperatorParts): string {
  const { node, state, surroundings, nowMs } = explained;
  const { daemonSet, lease } = surroundings;
  const { daemonSetNamespace: namespace, daemonSetName, annotation } = settings.lock;
  const coordinator = coordinatorText(lease, { name: `${namespace}/${settings.lease.name}`, nowMs });
  const where = `${namespace}/${daemonSetName}`;
  const locks = lockTexts(daemonSet, { daemonSet: where, nowMs }).map((text): Row => ["lock", text]);
  const pause = daemonSet.kind === "seen" ? requestText(daemonSet.value.pause, nowMs) : "unknown";
  const blocks = [
    heading([...stateRows(explained), ["Coordinator", coordinator]], { width }),
    reasonsText(state, width),
    section("The agent's report", reportRows(node.report, nowMs), { width }),
    section("The maintenance record", recordRows(node.record, { node: node.name, daemonSet, nowMs }), { width }),
    section(
      "What people have asked for",
      [
        ["pause", requestText(node.pause, nowMs)],
        ["hold", requestText(node.hold, nowMs)],
        ["fleet pause", pause],
      ],
      { width },
    ),
    section(printable(`The annotation ${annotation} of the DaemonSet ${where}`), locks, { width }),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function stateRows({ node, state, nowMs }: Explained): readonly Row[] {
  const cordon = node.unschedulable ? "cordoned" : "schedulable";
  const since = state.sinceMs === undefined ? "" : ` ${lasting(state.sinceMs, nowMs)}`;
  return [
    ["Node", `${printable(node.name)}: ${node.ready ? "Ready" : "not Ready"}, ${cordon}`],
    ["State", `${printable(state.code)}${since}`],
    ["Decided", decidedText(state, nowMs)],
  ];
}

/** How old the verdict is, and how old that was which it was made from. */
function decidedText({ code, verdict }: NodeState, nowMs: number): string {
  if (verdict === undefined) {
    return code === "NotRequired"
      ? "no verdict is told of a node that needs nothing; this is what its agent reports"
      : "no verdict is told of this node; this is what stands on it";
  }
  const { decidedAtMs, nodesAgeMs, ledgerAgeMs } = verdict;
  return `${ago(decidedAtMs, nowMs)} from nodes ${oldText(nodesAgeMs)} and the lock ${oldText(ledgerAgeMs)}`;
}

/** The decider writes a negative age for what it had not seen. */
function oldText(ageMs: number): string {
  return ageMs < 0 ? "not seen yet" : `${span(ageMs)} old`;
}

function reasonsText({ reasons }: NodeState, width: number): string {
  const lines = reasons.map(({ code, sentence }, at) => {
    return hanging(`  ${at + 1}. `, { text: `${printable(code)}: ${printable(sentence)}`, width });
  });
  return [reasons.length === 1 ? "The reason" : "The reasons, the decisive one first", ...lines].join("\n");
}

import { decodeNodeFacts } from "../kube/node.ts";
import { coordinatorText } from "./facts/coordinator.ts";
import { lockTexts } from "./facts/lock.ts";
import { needWord } from "./facts/report.ts";
import { requestText } from "./facts/request.ts";
import { statusJson } from "./json.ts";
import { failed } from "./operator.ts";
import type { CommandEnd, OperatorParts } from "./operator.ts";
import { pictureOf } from "./picture.ts";
import type { Moment, NodePicture } from "./picture.ts";
import { readSurroundings } from "./surroundings.ts";
import { printable } from "./text/printable.ts";
import { heading } from "./text/rows.ts";
import type { Row } from "./text/rows.ts";
import { table } from "./text/table.ts";
import { span } from "./text/times.ts";
import { urgencies } from "./urgency.ts";
import type { Urgency } from "./urgency.ts";

/** `kured status`: every node with its published verdict, those that somebody should look at first. */
export async function status(parts: OperatorParts): Promise<CommandEnd> {
  const { client, clock, settings, target, signal } = parts;
  const [nodes, surroundings] = await Promise.all([
    client.list("nodes", { decode: decodeNodeFacts, signal }),
    readSurroundings(parts),
  ]);
  if (nodes.kind !== "ok") return failed("The nodes", { failure: nodes, target });
  const pictures = nodes.value.items.map(pictureOf).sort(byUrgency);
  const moment: Moment = { surroundings, nowMs: clock.now().wallMs };
  const text = settings.output === "json" ? statusJson(pictures, moment) : statusText(pictures, { moment, ...parts });
  return { kind: "shown", text };
}

/** In each group the oldest state first, because it has waited for the longest. */
function byUrgency(a: NodePicture, b: NodePicture): number {
  const groups = urgencies.indexOf(a.urgency) - urgencies.indexOf(b.urgency);
  if (groups !== 0) return groups;
  const [since, otherSince] = [a.state.sinceMs ?? Infinity, b.state.sinceMs ?? Infinity];
  if (since !== otherSince) return since - otherSince;
  return a.node.name < b.node.name ? -1 : 1;
}

type Showing = OperatorParts & { readonly moment: Moment };

function statusText(pictures: readonly NodePicture[], showing: Showing): string {
  const blocks = [...(pictures.length === 0 ? [] : [nodesText(pictures, showing)]), fleetText(pictures, showing)];
  return `${blocks.join("\n\n")}\n`;
}

function nodesText(pictures: readonly NodePicture[], { moment, width }: Showing): string {
  const rows = pictures.map(({ node, state, urgency }) => ({
    cells: [
      printable(node.name),
      printable(state.code),
      state.sinceMs === undefined ? "-" : span(moment.nowMs - state.sinceMs).replace(" ", ""),
      needWord(node.report),
    ],
    last: printable(state.reasons[0].sentence),
    // What asks for nothing is worth one line.
    most: urgency === "quiet" ? 1 : 3,
  }));
  return table(["NODE", "STATE", "SINCE", "NEED", "REASON"], { rows, width });
}

function fleetText(pictures: readonly NodePicture[], { moment, settings, width }: Showing): string {
  const { nowMs } = moment;
  const { daemonSet, lease } = moment.surroundings;
  const { daemonSetNamespace: namespace, daemonSetName } = settings.lock;
  const locks = lockTexts(daemonSet, { daemonSet: `${namespace}/${daemonSetName}`, nowMs });
  const rows: readonly Row[] = [
    ["Nodes", summary(pictures)],
    ...locks.map((text): Row => ["Lock", text]),
    ["Fleet pause", daemonSet.kind === "seen" ? requestText(daemonSet.value.pause, nowMs) : "unknown"],
    ["Coordinator", coordinatorText(lease, { name: `${namespace}/${settings.lease.name}`, nowMs })],
  ];
  return heading(rows, { width });
}

function summary(pictures: readonly NodePicture[]): string {
  const count = (wanted: Urgency) => pictures.filter(({ urgency }) => urgency === wanted).length;
  return `${pictures.length}, of which ${count("attention")} to look at, ${count("working")} in work, ${count("waiting")} waiting, ${count("quiet")} quiet`;
}

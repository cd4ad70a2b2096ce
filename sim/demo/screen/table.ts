import { stripVTControlCharacters, styleText } from "node:util";
import { decodeNode, type NodeFacts } from "../../../src/core/fleet/node.ts";
import { decodePublished } from "../../../src/core/verdict/published.ts";
import type { Stage } from "../stage.ts";
import { worthTelling } from "./plain.ts";
import { summaryLines, type Screen } from "./screen.ts";

/** A table of all nodes that is drawn again and again, the last things said, and keys to play with. */
export interface TableOptions {
  readonly write: (text: string) => void;
  readonly stdin: NodeJS.ReadStream;
  readonly columns: () => number;
  readonly stop: () => void;
}

const drawEveryMs = 200;
const linesKept = 8;
const help =
  "r  a node needs a reboot    b  close or open the budget of shop/web    k  kill the coordinator    q  quit";

/** Takes the whole terminal until `end`. */
export function tableScreen({ write, stdin, columns, stop }: TableOptions): Screen {
  const beganMs = Date.now();
  const lines: string[] = [];
  let stage: Stage | undefined;
  let result: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const say = (text: string) => {
    lines.push(`${seconds(beganMs)}  ${text}`);
    lines.splice(0, lines.length - linesKept);
  };
  const draw = () => {
    if (!stage) return;
    const width = Math.max(40, columns() || 80);
    const rows = [
      ...tableRows(stage),
      "",
      ...lines.map((line) => styleText("dim", cut(line, width))),
      "",
      ...result,
      cut(help, width),
    ];
    write(`\u001b[H${rows.map((row) => `${cut(row, width)}\u001b[K`).join("\r\n")}\u001b[J`);
  };
  const press = (key: string) => {
    if (!stage) return;
    if (key === "q" || key === "\u0003") stop();
    if (key === "r") say(playReboot(stage));
    if (key === "b") say(`You ${stage.toggleBudget() ? "closed" : "opened"} the budget of shop/web.`);
    if (key === "k") say(`You killed ${stage.killCoordinator()}; the other one takes over in some seconds.`);
    draw();
  };
  const onData = (data: Buffer) => {
    for (const key of data.toString()) press(key);
  };
  return {
    begin: (set) => {
      stage = set;
      stdin.setRawMode(true);
      stdin.on("data", onData).resume();
      write("\u001b[?1049h\u001b[?25l");
      timer = setInterval(draw, drawEveryMs);
    },
    line: (line) => {
      const text = worthTelling(line);
      if (text !== undefined) say(text);
    },
    trouble: (text) => say(`! ${text}`),
    summary: (findings) => {
      result = summaryLines(findings, (Date.now() - beganMs) / 1000).map((line) => styleText("bold", line));
      draw();
    },
    end: () => {
      clearInterval(timer);
      stdin.off("data", onData).pause();
      stdin.setRawMode(false);
      write("\u001b[?25h\u001b[?1049l");
      for (const line of result) write(`${stripVTControlCharacters(line)}\n`);
    },
  };
}

/** A node that does not need one yet is made to; answers what was done. */
function playReboot(stage: Stage): string {
  const quiet = nodesOf(stage).filter(({ report }) => report.kind === "report" && report.report.need === "notRequired");
  const node = quiet[Math.floor(Math.random() * quiet.length)];
  if (!node) return "Every node needs a reboot already.";
  stage.needReboot(node.name);
  return `You made ${node.name} need a reboot.`;
}

function tableRows(stage: Stage): readonly string[] {
  const pods = (name: string) =>
    stage.cluster.podsOn(name).filter(({ metadata }) => metadata.namespace !== "kube-system").length;
  const rows = nodesOf(stage).map((node) => {
    const verdict = decodePublished(node.published);
    const code = verdict?.code ?? "NotRequired";
    const status = `${node.ready ? "Ready" : "NotReady"}${node.unschedulable ? ",SchedulingDisabled" : ""}`;
    const boots = stage.machine(node.name).boots();
    const words = [
      node.name.padEnd(9),
      status.padEnd(26),
      String(pods(node.name)).padStart(4),
      String(boots).padStart(5),
      "",
      code.padEnd(14),
    ];
    return `${words.join(" ")} ${verdict?.reasons[0]?.sentence ?? ""}`.trimEnd();
  });
  return [styleText("bold", "NODE      STATUS                     PODS BOOTS  STATE          WHY"), ...rows];
}

function nodesOf(stage: Stage): readonly NodeFacts[] {
  return stage.cluster.server
    .objects("nodes")
    .flatMap((object) => decodeNode(object) ?? [])
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function cut(text: string, width: number): string {
  const bare = stripVTControlCharacters(text);
  if (bare.length <= width) return text;
  return `${bare.slice(0, width - 1)}…`;
}

function seconds(beganMs: number): string {
  return `${((Date.now() - beganMs) / 1000).toFixed(1).padStart(5)} s`;
}

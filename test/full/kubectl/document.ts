import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fate, PodRow, Scene, Stage } from "./scene.ts";
import { scenes } from "./scenes.ts";

/** docs/drain-and-kubectl.md. */
export const documentPath = join(import.meta.dirname, "../../../docs/drain-and-kubectl.md");

/** The document as it is, and as it must be for its tables to be the scenes that are played. */
export function readDocument(): { readonly text: string; readonly wanted: string } {
  const text = readFileSync(documentPath, "utf8");
  const parts = { differences: differenceLines(), scenes: scenes.flatMap(sceneLines) };
  let wanted = text;
  for (const [name, lines] of Object.entries(parts)) {
    const marks = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`);
    wanted = wanted.replace(marks, () => `<!-- ${name} -->\n\n${lines.join("\n")}\n\n<!-- /${name} -->`);
  }
  return { text, wanted };
}

/**
 * What is wrong with the scenes: a difference for which no reason is given anywhere, or a reason where there is none.
 */
export function unexplained(): readonly string[] {
  return scenes.flatMap(({ title, stages }) => {
    const pods = stages.flatMap((stage) => stage.pods);
    const idle = pods.filter((row) => row.why !== undefined && !podDiffers(row));
    const differs = pods.some(podDiffers) || stages.some(({ drain }) => drainDiffers(drain));
    const silent = differs && stages.flatMap(reasonsOf).length === 0;
    return [
      ...idle.map((row) => `${title}, ${whatOf(row)}: a reason for nothing`),
      ...(silent ? [`${title}: why?`] : []),
    ];
  });
}

function podDiffers({ kubectl, here = kubectl }: PodRow): boolean {
  return kubectl !== here;
}

function drainDiffers({ kubectl, here }: Stage["drain"]): boolean {
  return (kubectl === "done") !== (here === "rebooted") || (kubectl === "goes on") !== (here === "goes on");
}

/** A line for each difference: of those that a scene shows more than once, the last. */
function differenceLines(): readonly string[] {
  const lines = new Map<string, string>();
  for (const { title, stages } of scenes)
    for (const [what, kubectl, here, why] of stages.flatMap(differences)) {
      lines.delete(`${title} ${what} ${why}`);
      lines.set(`${title} ${what} ${why}`, line(title, what, short(kubectl), short(here), why));
    }
  return [line("situation", "", "kubectl drain", "here", "why"), rule(5), ...lines.values()];
}

type Difference = readonly [what: string, kubectl: string, here: string, why: string];

function differences({ pods, drain }: Stage): readonly Difference[] {
  const rows = pods.flatMap((row): readonly Difference[] => {
    const { kubectl, here = kubectl, why } = row;
    return why === undefined ? [] : [[whatOf(row), kubectl, here, why]];
  });
  return drain.why === undefined ? rows : [...rows, [theDrain, drain.kubectl, drain.here, drain.why]];
}

const theDrain = "**the drain**";

function rule(columns: number): string {
  return line(...Array.from({ length: columns }, () => "---"));
}

function reasonsOf({ pods, drain }: Stage): readonly string[] {
  return [...pods.flatMap(({ why }) => why ?? []), ...(drain.why === undefined ? [] : [drain.why])];
}

function sceneLines(scene: Scene): readonly string[] {
  const rows = scene.stages.flatMap(stageLines);
  const table = [line("", "kubectl drain", "here", "why"), rule(4), ...rows];
  return [`### ${scene.title}`, "", ...notes(scene), ...table, ...saidLines(scene), ""];
}

function notes({ kubectl = {}, here = {}, byProxy = false }: Scene): readonly string[] {
  const flags = [...((kubectl.bare ?? false) ? ["none of the three flags"] : []), ...(kubectl.flags ?? []).map(code)];
  const ours = (here.flags ?? []).map(code);
  const notes = [
    ...(flags.length > 0 ? [`kubectl: ${flags.join(", ")}.`] : []),
    ...(ours.length > 0 ? [`Here: ${ours.join(", ")}.`] : []),
    ...(byProxy ? ["The answer is a proxy's: the API server cannot be brought to give it."] : []),
  ];
  return notes.length > 0 ? [notes.join(" "), ""] : [];
}

function stageLines({ when, pods, drain }: Stage): readonly string[] {
  const time = when === undefined ? [] : [line(`*${when}:*`, "", "", "")];
  const rows = pods.map((row) => line(whatOf(row), short(row.kubectl), short(row.here ?? row.kubectl), row.why ?? ""));
  return [...time, ...rows, line(theDrain, drain.kubectl, drain.here, drain.why ?? "")];
}

/** What became of all of several pods is said once. */
function short(fate: Fate): Fate {
  const fates = new Set(fate.split(" / "));
  return [...fates].join(" / ");
}

function saidLines({ stages }: Scene): readonly string[] {
  const said = stages.flatMap(({ says = {} }) => [
    ...(says.kubectl === undefined ? [] : [`- kubectl: ${code(says.kubectl)}`]),
    ...(says.here === undefined ? [] : [`- here: ${code(says.here)}`]),
  ]);
  return said.length === 0 ? [] : ["", ...said];
}

function whatOf({ app, what }: PodRow): string {
  return what ?? `\`${app}\``;
}

function code(text: string): string {
  return `\`${text.replaceAll("NS", "shop")}\``;
}

function line(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

import { isTest } from "./source.ts";
import type { Source } from "./source.ts";

/** One row of the layer table: what a part of the project is for and what it may know. */
export interface Layer {
  /** A folder, or a file where one file differs from its folder. The longest match rules. */
  readonly part: string;
  /** One sentence for ARCHITECTURE.md. */
  readonly purpose: string;
  /** Own files and folders that it may import, besides itself. */
  readonly mayImport: readonly string[];
  /** Whether it may import `node:*`. */
  readonly node: boolean;
  /** Packages from package.json that it may import. */
  readonly packages: readonly string[];
}

/** What every loop knows: the core, the ports, the plug points' interfaces and the typed client, never an adapter. */
const loop = [
  "src/core",
  "src/ports",
  "src/kube",
  "src/loop",
  "src/sentinels/sentinel.ts",
  "src/gates/gate.ts",
  "src/notifiers/notifier.ts",
  "src/rebooters/rebooter.ts",
];

/** The layer table. ARCHITECTURE.md shows it, and a test keeps the two the same. */
export const layers: readonly Layer[] = [
  layer("src/core", "The rules: pure, synchronous functions over plain data.", { mayImport: [] }),
  layer("src/ports", "What the product needs from outside, one interface per file.", { mayImport: ["src/core"] }),
  layer("src/sentinels", "Plug point: does this node need a reboot?", { mayImport: ["src/core", "src/ports"] }),
  layer("src/gates", "Plug point: may a reboot happen now?", {
    mayImport: ["src/core", "src/ports", "src/kube", "src/gates/expression"],
  }),
  layer("src/gates/expression", "RE2 expressions; loads its library when one is given.", {
    mayImport: [],
    packages: ["re2js"],
  }),
  layer("src/notifiers", "Plug point: tell people.", { mayImport: ["src/core", "src/ports", "src/notifiers/mail"] }),
  layer("src/notifiers/mail", "Tells people by mail; loads its library when a mail goes out.", {
    mayImport: ["src/core", "src/ports", "src/notifiers"],
    packages: ["nodemailer"],
  }),
  layer("src/rebooters", "Plug point: reboot the machine.", { mayImport: ["src/core", "src/ports"] }),
  layer("src/kube", "The typed Kubernetes client over the transport port.", { mayImport: ["src/core", "src/ports"] }),
  layer("src/kube/https", "The one real transport.", { mayImport: ["src/core", "src/ports", "src/kube"], node: true }),
  layer("src/kube/connection/kubeconfig", "An operator's connection; loads its parser when the command line asks.", {
    mayImport: ["src/core", "src/ports", "src/kube"],
    packages: ["yaml"],
  }),
  layer("src/host", "The machine: commands, files, signals, boot identity, clock, dice.", {
    mayImport: ["src/core", "src/ports"],
    node: true,
  }),
  layer("src/telemetry", "Logs, metrics, health and the server that shows them.", {
    mayImport: ["src/core", "src/ports"],
    node: true,
  }),
  layer("src/config", "Flags, environment and files to settings.", { mayImport: ["src/core", "src/ports"] }),
  layer("src/loop", "What both loops stand on: waking, attempts, background work.", {
    mayImport: ["src/core", "src/ports"],
  }),
  layer("src/agent", "The loop on every node.", { mayImport: loop }),
  layer("src/coordinator", "The loop that decides for the fleet.", { mayImport: loop }),
  layer("src/cli", "The operator's commands, one per file.", {
    mayImport: ["src/core", "src/ports", "src/kube", "src/config"],
    node: true,
    packages: ["yaml"],
  }),
  layer("src/compose", "Wires settings to adapters to loops, by hand, top to bottom.", {
    mayImport: ["src"],
    node: true,
  }),
  layer("src/main.ts", "Arguments to command; the only process.exit.", {
    mayImport: ["src/compose", "src/version.ts"],
    node: true,
  }),
  layer("src/version.ts", "Which kured this is.", { mayImport: [] }),
  layer("sim", "The embedded cluster, the simulator and the demo; never shipped.", {
    mayImport: ["src"],
    node: true,
    packages: ["fast-check"],
  }),
  layer("tools", "Build, check and test commands.", { mayImport: ["src"], node: true, packages: ["esbuild"] }),
  layer("bench", "Measurements.", { mayImport: ["src", "sim", "test", "tools"], node: true }),
];

/** What only `src/compose/` may wire in. `src/kube` as a permission does not include its transport. */
const wiredByCompose = ["src/host", "src/telemetry", "src/kube/https"];

/** The table as ARCHITECTURE.md shows it, in Markdown. */
export function renderLayers(): string {
  const rows = layers.map(({ part, purpose, mayImport, node, packages }) => {
    const outside = [...(node ? ["node:*"] : []), ...packages];
    return `| \`${part}\` | ${purpose} | ${code(mayImport)} | ${code(outside)} |`;
  });
  return ["| part | what it is | may import | from outside |", "|---|---|---|---|", ...rows].join("\n");
}

/** Every import that goes against the table, each with its place and the way to mend it. Tests may know everything. */
export function wrongDirections(sources: readonly Source[]): readonly string[] {
  return sources.filter(({ path }) => !isTest(path)).flatMap(wrongImports);
}

function wrongImports({ path, imports }: Source): readonly string[] {
  const from = layerOf(path);
  if (from === undefined) return [`${path}: belongs to no layer. Move it, or add its folder to tools/layers.ts.`];
  return imports
    .filter(({ target, own }) => (own ? !mayImportOwn(from, target) : !mayImportOutside(from, target)))
    .map(({ target, line }) => `${path}:${line}: ${from.part} may not import ${target}. ${mend(from, target)}`);
}

function mayImportOwn(from: Layer, target: string): boolean {
  const to = layerOf(target);
  if (to === from) return true;
  if (wiredByCompose.includes(to?.part ?? "") && from.part.startsWith("src/") && from.part !== "src/compose") {
    return false;
  }
  return from.mayImport.some((allowed) => inside(target, allowed));
}

function mayImportOutside(from: Layer, target: string): boolean {
  if (target.startsWith("node:")) return from.node;
  return from.packages.some((name) => target === name || target.startsWith(`${name}/`));
}

function mend(from: Layer, target: string): string {
  const to = layerOf(target);
  if (target.startsWith("node:")) return "Take what it gives through a port in src/ports.";
  if (to === undefined)
    return "Do without, or give the layer this package in tools/layers.ts and say why in docs/decisions.";
  if (wiredByCompose.includes(to.part)) return "Take a port as a parameter; src/compose passes the adapter in.";
  if (from.part === "src/main.ts") return "Let src/compose do the wiring.";
  if (!to.part.startsWith("src")) return "The product does not know its simulator, tests and tools.";
  return `It may import ${from.mayImport.join(", ") || "only itself"} (tools/layers.ts).`;
}

/** The layer with the longest match; a part that is no folder also rules the files whose names start with it. */
function layerOf(path: string): Layer | undefined {
  const matches = layers.filter(({ part }) => inside(path, part));
  return matches.sort((a, b) => b.part.length - a.part.length)[0];
}

function inside(path: string, part: string): boolean {
  if (path === part || path.startsWith(`${part}/`)) return true;
  // `src/kube/https` stands for https.ts, https-agent.ts and a folder of that name.
  return part.split("/").length > 2 && !part.endsWith(".ts") && path.startsWith(part);
}

function layer(part: string, purpose: string, knows: Partial<Layer> & Pick<Layer, "mayImport">): Layer {
  return { part, purpose, node: false, packages: [], ...knows };
}

function code(names: readonly string[]): string {
  return names.length === 0 ? "nothing" : names.map((name) => `\`${name}\``).join(", ");
}

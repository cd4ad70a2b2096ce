import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../controlplane/resources.ts";
import { runHelm } from "./helm.ts";

/** One way to render the chart. */
export interface Render {
  readonly name: string;
  /** For `helm template`, after the release and the chart. */
  readonly argv: readonly string[];
  readonly release?: string;
  /** `kube-system` unless given. */
  readonly namespace?: string;
}

/** What test/chart/golden holds, one file each. */
export const goldens: readonly Render[] = [
  { name: "classic", argv: classic() },
  { name: "chart-2.2.0", release: "my-release", argv: classic("--values", "test/chart/values/chart-2.2.0.yaml") },
  { name: "chart-6.1.0", namespace: "kured", argv: classic("--values", "test/chart/values/chart-6.1.0.yaml") },
  { name: "signal", argv: classic("--set", "configuration.rebootMethod=signal") },
  { name: "coordinated", argv: ["--values", "test/chart/values/coordinated.yaml"], release: "fleet" },
];

/** What manifests/ holds, one file each, with what stands above its objects. */
export const manifests: readonly (Render & { readonly about: readonly string[] })[] = [
  {
    name: "classic",
    argv: ["--set", "mode=classic,layout=manifest,maxUnavailable=null,revisionHistoryLimit=null"],
    about: [
      "kured as it always was: one daemon on every node, with the rights of kured 1.23 and nothing more.",
      "It takes the place of an installed kured: same names, same account, same flags.",
    ],
  },
  {
    name: "classic-signal",
    argv: [
      "--set",
      "mode=classic,layout=manifest,maxUnavailable=null,revisionHistoryLimit=null,configuration.rebootMethod=signal",
    ],
    about: ["classic.yaml without a privileged container: the host's init is told to reboot by a signal."],
  },
  {
    name: "coordinated",
    argv: ["--set", "mode=coordinated,layout=manifest,maxUnavailable=10%,revisionHistoryLimit=null"],
    about: [
      "kured with one coordinator for the fleet and an agent of few rights on every node. Needs Kubernetes 1.30 or newer:",
      "older servers do not tell an admission policy which node a token belongs to.",
      "",
      "The DaemonSet has the name and the selector of classic.yaml, so that it takes the place of a classic kured and finds",
      "its lock. The account `kured` and its roles are then of no use any more. When the roll-out is over, remove them:",
      "  kubectl delete clusterrole/kured clusterrolebinding/kured",
      "  kubectl delete -n kube-system role/kured rolebinding/kured serviceaccount/kured",
    ],
  },
];

/** The arguments of a render in classic mode. */
export function classic(...argv: readonly string[]): readonly string[] {
  return ["--set", "mode=classic", ...argv];
}

/** The text that helm renders, without its remarks on where each object comes from. Rejects with what helm said. */
export async function rendered(render: Render, { signal }: { readonly signal: AbortSignal }): Promise<string> {
  const end = await runHelm(templateArguments(render), { signal });
  if (end.code !== 0) throw new Error(`helm template (${render.name}) ended with ${end.code}: ${end.stderr}`);
  return end.stdout.replace(/^# Source: .*\n/gm, "").replace(/^---\n/, "");
}

/** The arguments of `helm` that render, for a Kubernetes of today. */
export function templateArguments({ argv, release = "kured", namespace = "kube-system" }: Render): readonly string[] {
  return ["template", release, "chart", "--namespace", namespace, "--kube-version", "v1.37.1", ...argv];
}

/** The text of a file of manifests/: what admits comes before what it admits, and a header says where it is from. */
export async function manifestText(
  manifest: (typeof manifests)[number],
  options: { readonly signal: AbortSignal },
): Promise<string> {
  // What helm does at its own time nobody should apply.
  const { argv } = manifest;
  const documents = (await rendered({ ...manifest, argv: [...argv, "--no-hooks"] }, options)).split(/^---\n/m);
  const isPolicy = (text: string): boolean => /^kind: ValidatingAdmissionPolicy/m.test(text);
  const isPod = (text: string): boolean => /^kind: (DaemonSet|Deployment)$/m.test(text);
  const rights = documents.filter((text) => !isPolicy(text) && !isPod(text));
  const about = manifest.about.map((line) => `# ${line}`.trimEnd());
  const origin = `# Rendered from chart/ by npm run chart: helm template kured chart -n kube-system ${manifest.argv.join(" ")}`;
  const ordered = [...rights, ...documents.filter(isPolicy), ...documents.filter(isPod)];
  return `${[...about, "#", origin].join("\n")}\n${ordered.map((text) => `${text.trim()}\n`).join("---\n")}`;
}

/** The objects of a rendered text. Throws on whatever YAML does not allow. */
export function objectsIn(text: string): readonly KubeObject[] {
  return parseAllDocuments(text, { version: "1.2" }).map((document) => {
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw fault;
    return document.toJS() as KubeObject;
  });
}

/** What stands at a path of keys and places in lists (-1 is the last), `undefined` where it ends before. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner.at(Number(key)) as unknown;
    return typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined;
  }, value);
}

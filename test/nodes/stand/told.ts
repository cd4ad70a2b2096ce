import type { KubeObject } from "../../controlplane/resources.ts";
import { waitFor } from "../../controlplane/waits.ts";
import type { Rig } from "../rig.ts";
import { getNode } from "./reboots.ts";

interface Wanted {
  readonly node: string;
  readonly signal: AbortSignal;
  /** A minute and a half unless given. */
  readonly timeoutMs?: number;
}

/**
 * Resolves with the sentence once the verdict on the node has that code. In coordinated mode only: classic writes none.
 */
export async function untilVerdict(
  rig: Rig,
  { node, code, signal, timeoutMs = 90_000 }: Wanted & { readonly code: string },
): Promise<string> {
  return await waitFor(
    `the verdict ${code} on ${node}`,
    async () => {
      const verdict = annotation<Verdict>(await getNode(rig, node), "kured.dev/verdict");
      return verdict?.code === code ? verdict.reasons[0]?.sentence : undefined;
    },
    { signal, timeoutMs, everyMs: 100 },
  );
}

interface Verdict {
  readonly code: string;
  readonly reasons: readonly { readonly code: string; readonly sentence: string }[];
}

/** Resolves when the maintenance of the node is in that phase. */
export async function untilPhase(
  rig: Rig,
  { node, phase, signal, timeoutMs = 90_000 }: Wanted & { readonly phase: string },
): Promise<void> {
  const inPhase = async (): Promise<boolean> =>
    annotation<{ readonly phase: string }>(await getNode(rig, node), "kured.dev/maintenance")?.phase === phase;
  await waitFor(`${node} to be ${phase}`, inPhase, { signal, timeoutMs, everyMs: 50 });
}

/** What kured's pods on a node have said, also before they were restarted. */
export async function logsOn(rig: Rig, node: string): Promise<string> {
  const { stdout } = await rig.machine(node).exec(["sh", "-c", "cat /var/log/pods/kube-system_kured*/*/*.log"]);
  return stdout;
}

function annotation<T>({ metadata }: KubeObject, name: string): T | undefined {
  const text = metadata.annotations?.[name];
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
